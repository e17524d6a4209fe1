import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../package-root.js';

const patienceMs = 20_000;

/**
 * Starts the compiled gateway with a Node, has it answer, and stops it. Resolves to what it said when anything was not as it
 * should be, else to null.
 */
export async function serveOnce(node: string): Promise<string | null> {
  const gateway = spawn(node, [join(packageRoot, 'dist/bundled/employee-gateway.js'), 'serve'], {
    env: { PATH: process.env['PATH'], PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(patienceMs),
  });
  let output = '';
  gateway.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  gateway.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(gateway, 'close');
  try {
    const url = await new Promise<string>((resolve, reject) => {
      gateway.stdout.on('data', () => {
        const [, found] = /Listening on (http\S+)\/graphql/.exec(output) ?? [];
        if (found !== undefined) resolve(found);
      });
      ended.then(() => reject(new Error('It ended before it listened')), reject);
    });
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ query: '{ topology { quorum nodes { name } } }' }),
    });
    const text = await answer.text();
    if (!text.startsWith('{"data":{"topology":{"quorum":2')) throw new Error(`It answered ${text}`);
    gateway.kill('SIGTERM');
    const [code] = await ended;
    return code === 0 ? null : `It ended with ${String(code)}:\n${output}`;
  } catch (error) {
    gateway.kill('SIGKILL');
    await ended.catch(() => {});
    return `${error instanceof Error ? error.message : String(error)}:\n${output}`;
  }
}
