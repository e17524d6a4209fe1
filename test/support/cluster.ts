import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { type ClusterDefinition, readClusterConfig } from '../../src/cluster-config/read.js';
import { systemClock } from '../../src/clock.js';
import { createNodeDirectories } from '../../src/local/data-directory.js';
import { findLeash } from '../../src/local/leash.js';
import { LocalNodes } from '../../src/local/local-nodes.js';
import { nodeCommand } from '../../src/local/node-command.js';
import type { NodeProcess } from '../../src/local/node-process.js';
import type { TarantoolBinary } from '../../src/local/tarantool-binary.js';
import { packageRoot } from '../../src/package-root.js';
import { TarantoolNode } from '../../src/tarantool/node.js';
import { type NodeStatus, parseNodeStatus } from '../../src/tarantool/node-status.js';
import type { Reply } from '../../src/tarantool/reply.js';
import { findFreePorts } from './free-ports.js';
import { findTestTarantool } from './tarantool.js';
import { waitFor } from './wait-for.js';

/** Which cluster a test wants; three nodes with the shipped names otherwise. */
export interface ClusterOptions {
  readonly names?: readonly string[];
  /** Changes the shipped configuration, which is then written for this cluster alone. */
  readonly adjust?: (config: Record<string, unknown>) => void;
}

const shippedConfig = join(packageRoot, 'cluster/instances.enabled/employees/config.yaml');
const callTimeoutMs = 5_000;
/** A node that is well answers in a millisecond; a frozen one is not waited for. */
const statusTimeoutMs = 500;

interface Request {
  readonly user: string;
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly timeoutMs: number;
}

/**
 * Real Tarantool processes: a replica set of a test's own, on free ports and in a directory of its own, started by the
 * code that `npm start` uses. It dies with the test process, whatever happens.
 */
export class TestCluster {
  readonly directory: string;
  readonly definition: ClusterDefinition;
  readonly tarantool: TarantoolBinary;
  readonly #nodes: LocalNodes;
  readonly #connections = new Map<string, TarantoolNode>();

  private constructor(options: {
    directory: string;
    definition: ClusterDefinition;
    tarantool: TarantoolBinary;
    nodes: LocalNodes;
  }) {
    this.directory = options.directory;
    this.definition = options.definition;
    this.tarantool = options.tarantool;
    this.#nodes = options.nodes;
  }

  /** Starts every node and resolves when a leader is writable. */
  static async start(options: ClusterOptions = {}): Promise<TestCluster> {
    const cluster = await TestCluster.prepare(options);
    try {
      await cluster.#nodes.start();
      await cluster.waitForLeader();
      return cluster;
    } catch (error) {
      const logs = await cluster.readLogs();
      await cluster.stop();
      throw new Error(`The cluster did not start\n${logs}`, { cause: error });
    }
  }

  /** All but the processes: `restart` starts them one by one. */
  static async prepare({ names, adjust }: ClusterOptions = {}): Promise<TestCluster> {
    const tarantool = await findTestTarantool();
    const directory = await mkdtemp(join(tmpdir(), 'cluster-'));
    const configPath = join(directory, 'config.yaml');
    await writeConfig(configPath, { names: names ?? ['instance001', 'instance002', 'instance003'], adjust });
    const definition = await readClusterConfig(configPath);
    const dataDir = join(directory, 'data');
    const own = definition.nodes.map(({ name }) => name);
    await createNodeDirectories(dataDir, own);
    const commands = own.map((name) => nodeCommand(tarantool, { name, configPath, dataDir }, process.env));
    return new TestCluster({
      directory,
      definition,
      tarantool,
      nodes: new LocalNodes(commands, await findLeash()),
    });
  }

  get names(): readonly string[] {
    return this.#nodes.names;
  }

  /** Those whose process exists, frozen or not. */
  get running(): readonly string[] {
    return [...this.#nodes.pids.keys()];
  }

  process(name: string): NodeProcess {
    const process = this.#nodes.process(name);
    if (process === undefined) throw new Error(`${name} has not been started`);
    return process;
  }

  /** Ends the process of a node and resolves when it is gone. */
  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.process(name).signal(signal);
    await this.process(name).exited;
  }

  /** Ends all processes that run, at once, and resolves when they are gone. */
  async killAll(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await Promise.all(this.running.map((name) => this.kill(name, signal)));
  }

  /** Stops a process where it is, and resolves when it has stopped. */
  async freeze(name: string): Promise<void> {
    const { pid, signal } = this.process(name);
    signal('SIGSTOP');
    await waitFor(`${name} has stopped`, async () => {
      // proc(5): the process id, the name of the program in parentheses, the state.
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
    });
  }

  thaw(name: string): void {
    this.process(name).signal('SIGCONT');
  }

  /** Starts the processes of nodes that have ended, or have never run. Does not wait for them to answer. */
  async restart(...names: readonly string[]): Promise<void> {
    await this.#nodes.start(names);
  }

  /** Removes all that a node has stored; its process must have ended. */
  async wipe(name: string): Promise<void> {
    const dataDir = join(this.directory, 'data');
    await rm(join(dataDir, name), { recursive: true });
    await createNodeDirectories(dataDir, [name]);
  }

  /** What a node says of itself, as the gateway's user is told. */
  async status(name: string): Promise<NodeStatus> {
    const request = { user: 'gateway', fn: 'replicaset.status', args: [], timeoutMs: statusTimeoutMs };
    return parseNodeStatus(await this.#call(name, request));
  }

  /** A connection of its own to a node, as the gateway's user, ready for calls. The caller stops it. */
  async connect(name: string): Promise<TarantoolNode> {
    const connection = this.#open('gateway', name);
    await waitFor(`${name} accepts a connection`, () => connection.phase.phase === 'ready');
    return connection;
  }

  /** Calls a function as the gateway's user. */
  async call(name: string, fn: string, ...args: readonly unknown[]): Promise<Reply> {
    return this.#call(name, { user: 'gateway', fn, args, timeoutMs: callTimeoutMs });
  }

  /** Runs a chunk of Lua on a node as the admin and resolves to what it returns first; its arguments are `...`. */
  async evaluate(name: string, chunk: string, ...args: readonly unknown[]): Promise<unknown> {
    const body = `local value = (function(...) ${chunk} end)(...) return {status = 'ok', value = value}`;
    const request = { user: 'admin', fn: 'dostring', args: [body, ...args], timeoutMs: callTimeoutMs };
    const reply = await this.#call(name, request);
    return reply.status === 'ok' ? reply['value'] : undefined;
  }

  /** Resolves to the name of the writable leader with the highest term, not `not`, once a majority agrees with it. */
  async waitForLeader(options: { not?: string; timeoutMs?: number } = {}): Promise<string> {
    const { not, timeoutMs = 30_000 } = options;
    const what = `a leader${not === undefined ? '' : ` other than ${not}`} was elected`;
    return waitFor(
      what,
      async () => {
        const asked = await Promise.allSettled(this.running.map((name) => this.status(name)));
        const words = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
        const term = Math.max(...words.map((word) => word.term));
        const leader = words.find((word) => word.role === 'leader' && word.writable && word.term === term);
        const followers = words.filter((word) => word.term === term && word.leader === leader?.name);
        return leader !== undefined && leader.name !== not && followers.length > this.names.length / 2
          ? leader.name
          : null;
      },
      { timeoutMs },
    );
  }

  /** The last lines of every node's log. */
  async readLogs(lines = 40): Promise<string> {
    const logs = this.definition.nodes.map(async ({ name }) => {
      const path = join(this.directory, 'data', name, 'node.log');
      const text = await readFile(path, 'utf8').catch(() => '(none)');
      return `--- ${name}\n${text.trimEnd().split('\n').slice(-lines).join('\n')}`;
    });
    return (await Promise.all(logs)).join('\n');
  }

  /** Ends every process, frozen or not, and removes the directory. */
  async stop(): Promise<void> {
    for (const connection of this.#connections.values()) connection.stop();
    this.#nodes.kill();
    await this.#nodes.stop({ last: null });
    await rm(this.directory, { recursive: true, force: true });
  }

  async #call(name: string, { user, fn, args, timeoutMs }: Request): Promise<Reply> {
    const connection = this.#connection(user, name);
    const ready = () => {
      connection.wake();
      return connection.phase.phase === 'ready';
    };
    await waitFor(`${name} accepts ${user}`, ready, { timeoutMs });
    return connection.call(fn, args, systemClock.now() + timeoutMs);
  }

  #connection(user: string, name: string): TarantoolNode {
    const key = `${user}@${name}`;
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const connection = this.#open(user, name);
    this.#connections.set(key, connection);
    return connection;
  }

  #open(user: string, name: string): TarantoolNode {
    const node = this.definition.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`There is no node ${name}`);
    const { host, port } = node;
    const password = this.definition.users.get(user) ?? '';
    const connection = new TarantoolNode({
      name,
      host,
      port,
      user,
      password,
      clock: systemClock,
      random: Math.random,
    });
    connection.start();
    return connection;
  }
}

/** A cluster for the tests of a file, started before the first; a test that fails prints the logs of its nodes. */
export function useCluster(options: ClusterOptions = {}): () => TestCluster {
  let cluster: TestCluster | null = null;
  beforeAll(async () => {
    cluster = await TestCluster.start(options);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail' && cluster !== null)
      process.stderr.write(`${await cluster.readLogs()}\n`);
  });
  afterAll(() => cluster?.stop());
  return () => {
    if (cluster === null) throw new Error('The cluster has not been started');
    return cluster;
  };
}

/** Writes the shipped configuration with nodes of other names and ports; resolves to the ports. */
export async function writeConfig(
  path: string,
  { names, adjust }: { names: readonly string[]; adjust?: ClusterOptions['adjust'] },
): Promise<readonly number[]> {
  const config: Record<string, unknown> = parse(await readFile(shippedConfig, 'utf8'));
  const ports = await findFreePorts(names.length);
  const instances = names.map((name, index) => [
    name,
    { iproto: { listen: [{ uri: `127.0.0.1:${ports[index]}` }] } },
  ]);
  config['groups'] = {
    group001: { replicasets: { replicaset001: { instances: Object.fromEntries(instances) } } },
  };
  adjust?.(config);
  await writeFile(path, stringify(config));
  return ports;
}
