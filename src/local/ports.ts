import { createConnection, createServer } from 'node:net';
import { once } from 'node:events';
import type { Address } from '../cluster-config/address.js';

/**
 * Whether this machine can listen on an address now.
 *
 * - `taken`: another process listens there; `byTarantool` when it greets as Tarantool does.
 * - `impossible`: the address is not one of this machine, or a privilege is missing; `reason` is the system's word.
 */
export type PortState =
  | { readonly kind: 'free' }
  | { readonly kind: 'taken'; readonly byTarantool: boolean }
  | { readonly kind: 'impossible'; readonly reason: string };

/** Tries the address by listening on it for a moment. Never rejects. */
export async function probePort({ host, port }: Address): Promise<PortState> {
  const server = createServer();
  try {
    server.listen({ host: host === '*' ? '0.0.0.0' : host, port });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return { kind: 'free' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code !== 'EADDRINUSE') return { kind: 'impossible', reason: code };
    return { kind: 'taken', byTarantool: await greetsAsTarantool({ host, port }) };
  }
}

/** Tarantool speaks first. */
async function greetsAsTarantool({ host, port }: Address): Promise<boolean> {
  const socket = createConnection({ host: host === '*' ? '127.0.0.1' : host, port });
  try {
    const [greeting]: unknown[] = await once(socket, 'data', { signal: AbortSignal.timeout(500) });
    return Buffer.isBuffer(greeting) && greeting.toString('latin1').startsWith('Tarantool');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
