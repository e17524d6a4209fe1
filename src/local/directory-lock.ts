import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { OperatorError } from '../operator-error.js';

/**
 * Takes a data directory for this process, so that no second launcher starts nodes in it; returns the way to give it
 * back. Rejects with OperatorError when another process has it.
 *
 * The lock is a socket without a file (Linux's abstract namespace): the kernel drops it with the process, however that
 * ends, so it is never stale. Whoever connects is told the process that holds it. Elsewhere than on Linux there is no
 * such thing, and Tarantool's own lock on its log directory has to do.
 */
export async function lockDirectory(directory: string): Promise<() => void> {
  if (process.platform !== 'linux') return () => {};
  const digest = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex')
    .slice(0, 32);
  const name = `\0employee-gateway-${digest}`;
  const server = createServer((socket) => socket.on('error', () => {}).end(String(process.pid)));
  server.listen(name);
  try {
    await once(server, 'listening');
  } catch (error) {
    const holder = await askHolder(name);
    const stop = /^\d+$/.test(holder)
      ? ` (process ${holder}): stop it with Ctrl-C in its terminal or with "kill ${holder}"`
      : '';
    throw new OperatorError(
      `The nodes in ${directory} are already running`,
      [
        `another npm start or npm run cluster has them${stop}, use it with npm run gateway, or set DATA_DIR and other ports`,
      ],
      { cause: error },
    );
  }
  server.unref();
  return () => void server.close();
}

async function askHolder(name: string): Promise<string> {
  const socket = connect(name);
  try {
    // A holder that is frozen accepts, and says nothing.
    return await Promise.race([text(socket), once(AbortSignal.timeout(1_000), 'abort').then(() => '')]);
  } catch {
    return '';
  } finally {
    socket.destroy();
  }
}
