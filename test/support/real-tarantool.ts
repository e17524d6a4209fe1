import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One Tarantool process that runs a script of a test's own in a directory of its own. */
export class RealTarantool {
  readonly port: number;
  /** Within this process. */
  readonly openSockets = 0;
  readonly #process: ChildProcess;
  readonly #directory: string;

  /**
   * `script` runs after `box.cfg`; the port is opened when it is done. Needs the binary `TARANTOOL`, or `tarantool` on
   * the PATH.
   */
  static async start(script: string, options: { port?: number } = {}): Promise<RealTarantool> {
    const directory = await mkdtemp(join(tmpdir(), 'one-tarantool-'));
    await writeFile(join(directory, 'init.lua'), wrap(script, options.port ?? 0));
    const binary = process.env['TARANTOOL'] ?? 'tarantool';
    const child = spawn(binary, ['init.lua'], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    try {
      return new RealTarantool(child, { directory, port: await readPort(child) });
    } catch (error) {
      child.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(child: ChildProcess, options: { directory: string; port: number }) {
    this.#process = child;
    this.#directory = options.directory;
    this.port = options.port;
  }

  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  /** Kills it, frozen or not, and removes its directory. Idempotent. */
  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Nothing is kept: no log on disk, and little memory. Printing the port is the last thing it does. */
function wrap(script: string, port: number): string {
  return `
    box.cfg{wal_mode = 'none', memtx_memory = 32 * 1024 * 1024, log_level = 'error'}
    ${script}
    box.cfg{listen = '127.0.0.1:${port}'}
    print('listening on ' .. box.info.listen)
    io.stdout:flush()
  `;
}

async function readPort(child: ChildProcess): Promise<number> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (cause) =>
      reject(new Error(`Tarantool cannot be run; TARANTOOL names the binary`, { cause })),
    );
    child.once('exit', () => reject(new Error(`Tarantool ended before it listened:\n${output}`)));
  });
}
