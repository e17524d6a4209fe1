import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/package-root.js';
import { writePrivateConfig } from '../../src/trial/private-config.js';
import { findFreePorts } from '../../src/trial/free-ports.js';
import { findTestTarantool } from './tarantool.js';
import { waitFor } from '../../src/trial/wait-for.js';

let built: Promise<unknown> | null = null;

/** Compiles the project, as `npm start` does, for tests that run it as a process: once for all files of a project. */
export async function build(): Promise<void> {
  built ??= promisify(execFile)('npm', ['run', 'build'], { cwd: packageRoot });
  await built;
}

/** A command of ours as a real process, with all that it has printed. */
export class Launched {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | NodeJS.Signals | null>;
  #output = '';

  constructor(command: readonly string[], environment: NodeJS.ProcessEnv) {
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      cwd: packageRoot,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#child = child;
    // `close`, not `exit`: everything has been printed by then.
    this.#exit = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves to the match once it is in the output; rejects with all of the output when the process ends without. */
  async waitForOutput(pattern: RegExp, timeoutMs = 30_000): Promise<RegExpExecArray> {
    const found = () => pattern.exec(this.#output) ?? (this.hasEnded ? 'ended' : null);
    const match = await waitFor(`${pattern} is printed`, found, { timeoutMs }).catch((error: unknown) => {
      throw new Error(`It printed only:\n${this.#output}`, { cause: error });
    });
    if (match === 'ended') throw new Error(`It ended without printing ${pattern}:\n${this.#output}`);
    return match;
  }

  /** Resolves to the exit code, or the signal, when the process is gone. */
  exit(): Promise<number | NodeJS.Signals | null> {
    return this.#exit;
  }
}

const portsByName = (ports: readonly number[]): ReadonlyMap<string, number> =>
  new Map(ports.map((port, index) => [`instance00${index + 1}`, port]));

/** A place for one launcher: ports, a configuration and a data directory that no other test uses. */
export class Place {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly #launched: Launched[] = [];

  private constructor(options: {
    directory: string;
    ports: readonly number[];
    environment: Record<string, string>;
  }) {
    this.directory = options.directory;
    this.ports = options.ports;
    this.environment = options.environment;
  }

  static async create(): Promise<Place> {
    const directory = await mkdtemp(join(tmpdir(), 'place-'));
    const config = join(directory, 'config.yaml');
    const [port, ...ports] = await findFreePorts(4);
    const addresses = { ports: portsByName(ports) };
    await writePrivateConfig(config, { reader: null, addresses, adjust: undefined });
    const { path } = await findTestTarantool();
    const environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      PORT: String(port),
      CLUSTER_CONFIG: config,
      DATA_DIR: join(directory, 'data'),
      TARANTOOL: path,
    };
    return new Place({ directory, ports, environment });
  }

  get dataDir(): string {
    return join(this.directory, 'data');
  }

  get url(): string {
    return `http://127.0.0.1:${this.environment['PORT']}`;
  }

  /** Adds a node to the configuration; whoever runs the others is to be told. */
  async addNode(name: string): Promise<void> {
    const [port = 0] = await findFreePorts(1);
    const ports = new Map([...portsByName(this.ports), [name, port] as const]);
    const path = this.environment['CLUSTER_CONFIG'] ?? '';
    await writePrivateConfig(path, { reader: null, addresses: { ports }, adjust: undefined });
  }

  /** Runs one of our compiled entry points; `changes` to the environment win. */
  run(entry: string, changes: Record<string, string> = {}, args: readonly string[] = []): Launched {
    return this.#launch([process.execPath, join(packageRoot, 'dist', entry), ...args], changes);
  }

  npm(...args: readonly string[]): Launched {
    return this.#launch(['npm', ...args], {});
  }

  /** A shell script, in place of some program. Resolves to its path. */
  async writeProgram(name: string, ...lines: readonly string[]): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
    await chmod(path, 0o755);
    return path;
  }

  /** Asks the gateway; resolves to `data`, rejects with the errors. */
  async query(query: string): Promise<unknown> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ query }),
    });
    const result: { data?: unknown; errors?: unknown } = JSON.parse(await response.text());
    if (result.errors !== undefined) throw new Error(JSON.stringify(result.errors));
    return result.data;
  }

  /** Process ids of the nodes of this place that are alive, frozen ones included: they hold their logs open. */
  async nodeProcesses(): Promise<readonly number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const outputs = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/fd/1`).catch(() => '')));
    return pids.filter((_, index) => outputs[index]?.startsWith(`${this.dataDir}/`)).map(Number);
  }

  /** Paths of the snapshots of a node, oldest first. */
  async snapshotsOf(name: string): Promise<readonly string[]> {
    const directory = join(this.dataDir, name);
    const files = (await readdir(directory)).filter((file) => file.endsWith('.snap'));
    return files.toSorted().map((file) => join(directory, file));
  }

  /** Freezes one of the nodes. */
  async freezeNode(): Promise<void> {
    const [pid] = await this.nodeProcesses();
    if (pid === undefined) throw new Error('No node runs');
    process.kill(pid, 'SIGSTOP');
  }

  /** Kills what still runs, and removes the directory. */
  async leave(): Promise<void> {
    for (const launched of this.#launched) launched.signal('SIGKILL');
    await Promise.all(this.#launched.map((launched) => launched.exit()));
    await waitFor('no node is left', async () => (await this.nodeProcesses()).length === 0);
    await rm(this.directory, { recursive: true, force: true });
  }

  #launch(command: readonly string[], changes: Record<string, string>): Launched {
    const launched = new Launched(command, { ...this.environment, ...changes });
    this.#launched.push(launched);
    return launched;
  }
}
