import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Address } from '../cluster-config/address.js';
import { type ClusterDefinition, readClusterConfig } from '../cluster-config/read.js';
import { createNodeDirectories } from '../local/data-directory.js';
import { findLeash } from '../local/leash.js';
import { LocalNodes } from '../local/local-nodes.js';
import { nodeCommand, nodeDirectory } from '../local/node-command.js';
import type { NodeExit, NodeProcess } from '../local/node-process.js';
import type { TarantoolBinary } from '../local/tarantool-binary.js';
import type { TarantoolNode } from '../tarantool/node.js';
import type { NodeStatus } from '../tarantool/node-status.js';
import type { Reply } from '../tarantool/reply.js';
import { DirectConnections } from './direct-connections.js';
import { findFreePorts } from './free-ports.js';
import { Links } from './links.js';
import { type Adjust, gateway, writePrivateConfig } from './private-config.js';
import { waitFor } from './wait-for.js';

export interface PrivateClusterOptions {
  readonly tarantool: TarantoolBinary;
  /** Three nodes with the shipped names if nothing is said. */
  readonly names?: readonly string[] | undefined;
  readonly adjust?: Adjust | undefined;
  /** Kept by `stop`; if nothing is said, a temporary one, which is removed. */
  readonly directory?: string | undefined;
  /** `proxied`: a proxy on each link, between the nodes and from the gateway to them. */
  readonly links?: 'direct' | 'proxied';
}

const shippedNames = ['instance001', 'instance002', 'instance003'];
const callTimeoutMs = 5_000;
/** A node that is well answers in a millisecond; a frozen one is not waited for. */
const statusTimeoutMs = 500;
/** Followers notice within a few milliseconds that a port is open again; so do the links to it. */
const portPollMs = 5;

interface Parts {
  readonly directory: string;
  readonly isTemporary: boolean;
  readonly adjust: Adjust | undefined;
  readonly definition: ClusterDefinition;
  readonly gatewayDefinition: ClusterDefinition;
  readonly tarantool: TarantoolBinary;
  readonly nodes: LocalNodes;
  readonly links: Links | null;
}

/**
 * Real Tarantool processes: a replica set of a command's or a test's own, on free ports and in a directory of its own,
 * started by the code that `npm start` uses. It dies with this process, whatever happens.
 */
export class PrivateCluster {
  #parts: Parts;
  #connections: DirectConnections;
  /** Those that are to end. */
  readonly #doomed = new Set<NodeProcess>();
  readonly #deaths: string[] = [];
  /** Those whose ports are not open yet, and are looked at. */
  readonly #awaited = new Set<NodeProcess>();

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#connections = new DirectConnections(parts.definition);
    // A node of Tarantool 2.6 that has to begin anew does so in its own process: nobody sees that end.
    parts.links?.onRefused((name) => void this.#admitWhenListening(name));
  }

  /** Starts every node and resolves when a leader is writable. Rejects with the logs of the nodes in the message. */
  static async start(options: PrivateClusterOptions): Promise<PrivateCluster> {
    const cluster = await PrivateCluster.prepare(options);
    try {
      await cluster.restart(...cluster.names);
      await cluster.waitForLeader();
      return cluster;
    } catch (error) {
      const logs = await cluster.readLogs();
      await cluster.stop();
      throw new Error(`The cluster did not start\n${logs}`, { cause: error });
    }
  }

  /** All but the processes: `restart` starts them one by one. */
  static async prepare(options: PrivateClusterOptions): Promise<PrivateCluster> {
    const { tarantool, adjust, names = shippedNames } = options;
    const isTemporary = options.directory === undefined;
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'cluster-')));
    await mkdir(directory, { recursive: true });
    const isProxied = options.links === 'proxied';
    const linkCount = isProxied ? names.length * names.length : 0;
    const allPorts = await findFreePorts(names.length + linkCount);
    const ports = new Map(names.map((name, index) => [name, allPorts[index] ?? 0]));
    const links = isProxied ? connectAll(ports, allPorts.slice(names.length)) : null;

    const dataDir = join(directory, 'data');
    await createNodeDirectories(dataDir, names);
    const write = async (fileName: string, reader: string | null): Promise<string> => {
      const path = join(directory, fileName);
      const linkPort = links && { linkPort: (from: string, to: string) => links.get(from, to).port };
      await writePrivateConfig(path, { reader, addresses: { ports, ...linkPort }, adjust });
      return path;
    };
    const configPath = await write('config.yaml', null);
    const command = async (name: string) =>
      nodeCommand(
        tarantool,
        { name, dataDir, configPath: isProxied ? await write(`${name}.yaml`, name) : configPath },
        process.env,
      );
    const commands = await Promise.all(names.map(command));
    const gatewayConfig = isProxied ? await write('gateway.yaml', gateway) : configPath;
    return new PrivateCluster({
      directory,
      isTemporary,
      adjust,
      definition: await readClusterConfig(configPath),
      gatewayDefinition: await readClusterConfig(gatewayConfig),
      tarantool,
      nodes: new LocalNodes(commands, await findLeash()),
      links,
    });
  }

  get directory(): string {
    return this.#parts.directory;
  }

  get tarantool(): TarantoolBinary {
    return this.#parts.tarantool;
  }

  /** The nodes with their own addresses. */
  get definition(): ClusterDefinition {
    return this.#parts.definition;
  }

  /** The nodes as a gateway is to reach them: through the proxies, if there are any. */
  get gatewayDefinition(): ClusterDefinition {
    return this.#parts.gatewayDefinition;
  }

  get links(): Links {
    if (this.#parts.links === null) throw new Error('This cluster has no proxies on its links');
    return this.#parts.links;
  }

  get names(): readonly string[] {
    return this.#parts.nodes.names;
  }

  /** Those whose process exists, frozen or not. */
  get running(): readonly string[] {
    return [...this.#parts.nodes.pids.keys()];
  }

  /** Ends of processes that nobody had asked for, in words. */
  get deaths(): readonly string[] {
    return this.#deaths;
  }

  process(name: string): NodeProcess {
    const process = this.#parts.nodes.process(name);
    if (process === undefined) throw new Error(`${name} has not been started`);
    return process;
  }

  /** Ends the process of a node and resolves when it is gone. */
  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const process = this.process(name);
    this.#doomed.add(process);
    process.signal(signal);
    await process.exited;
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
    const { nodes, links } = this.#parts;
    for (const process of await nodes.start(names)) {
      void process.exited.then((exit) => this.#noteEnd(process, exit));
      if (links === null) continue;
      void process.exited.then(() => links.refuseTo(process.name));
      void this.#admitWhenListening(process.name);
    }
  }

  /** Where a node keeps its data. */
  dataDirectory(name: string): string {
    return nodeDirectory(join(this.directory, 'data'), name);
  }

  /** Has a node run with these TT_ variables beside its configuration, from its next start on. Only without proxies. */
  overrule(name: string, variables: Readonly<Record<string, string>>): void {
    const { directory, definition, tarantool, nodes } = this.#parts;
    const place = { name, dataDir: join(directory, 'data'), configPath: definition.path };
    const command = nodeCommand(tarantool, place, process.env);
    nodes.add({ ...command, environment: { ...command.environment, ...variables } });
  }

  /** Has nodes run another version of the application, each from its next start on. Only without proxies. */
  use(application: string): void {
    const { directory, definition, tarantool, nodes } = this.#parts;
    const place = { dataDir: join(directory, 'data'), configPath: definition.path, application };
    for (const name of this.names) nodes.add(nodeCommand(tarantool, { ...place, name }, process.env));
  }

  /**
   * Adds a node to the configuration that all of them read, the gateway included. `restart` starts it; the others are to be told.
   * Only without proxies.
   */
  async addNode(name: string): Promise<void> {
    const { directory, tarantool, nodes, definition, links } = this.#parts;
    if (links !== null) throw new Error('Nodes cannot be added behind proxies');
    const [port = 0] = await findFreePorts(1);
    await this.#rewrite([...definition.nodes, { name, port }]);
    const dataDir = join(directory, 'data');
    await createNodeDirectories(dataDir, [name]);
    nodes.add(nodeCommand(tarantool, { name, dataDir, configPath: definition.path }, process.env));
  }

  /** Takes a node out of the configuration; its process must have ended, and the others are to be told. Only without proxies. */
  async removeNode(name: string): Promise<void> {
    const { nodes, definition } = this.#parts;
    nodes.remove(name);
    await this.#rewrite(definition.nodes.filter((node) => node.name !== name));
  }

  /** Removes all that a node has stored; its process must have ended. */
  async wipe(name: string): Promise<void> {
    const dataDir = join(this.directory, 'data');
    await rm(join(dataDir, name), { recursive: true });
    await createNodeDirectories(dataDir, [name]);
  }

  /** What a node says of itself, as the gateway's user is told; past the proxies. */
  async status(name: string): Promise<NodeStatus> {
    return this.#connections.status(name, statusTimeoutMs);
  }

  /** A connection of its own to a node, as the gateway's user, ready for calls. The caller stops it. */
  async connect(name: string): Promise<TarantoolNode> {
    return this.#connections.open(name);
  }

  /** Calls a function as the gateway's user. */
  async call(name: string, fn: string, ...args: readonly unknown[]): Promise<Reply> {
    return this.#connections.call(name, { user: 'gateway', fn, args, timeoutMs: callTimeoutMs });
  }

  /** Runs a chunk of Lua on a node as the admin and resolves to what it returns first; its arguments are `...`. */
  async evaluate(name: string, chunk: string, ...args: readonly unknown[]): Promise<unknown> {
    const body = `local value = (function(...) ${chunk} end)(...) return {status = 'ok', value = value}`;
    const request = { user: 'admin', fn: 'dostring', args: [body, ...args], timeoutMs: callTimeoutMs };
    const reply = await this.#connections.call(name, request);
    return reply.status === 'ok' ? reply['value'] : undefined;
  }

  /** What those nodes say that answer at once. */
  async truth(): Promise<readonly NodeStatus[]> {
    const asked = await Promise.allSettled(this.running.map((name) => this.status(name)));
    return asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  /** The writable leader with the highest term that a majority agrees with; null while there is none. */
  async leader(): Promise<string | null> {
    const words = await this.truth();
    const term = Math.max(...words.map((word) => word.term));
    const leader = words.find((word) => word.role === 'leader' && word.writable && word.term === term);
    const followers = words.filter((word) => word.term === term && word.leader === leader?.name);
    return leader !== undefined && followers.length > this.names.length / 2 ? leader.name : null;
  }

  /** Resolves to the name of the writable leader with the highest term, not `not`, once a majority agrees with it. */
  async waitForLeader(options: { not?: string; timeoutMs?: number } = {}): Promise<string> {
    const { not, timeoutMs = 30_000 } = options;
    const what = `a leader${not === undefined ? '' : ` other than ${not}`} was elected`;
    const look = async () => {
      const leader = await this.leader();
      return leader === not ? null : leader;
    };
    return waitFor(what, look, { timeoutMs });
  }

  /** The last lines of every node's log. */
  async readLogs(lines = 40): Promise<string> {
    const logs = this.names.map(async (name) => {
      const path = join(this.directory, 'data', name, 'node.log');
      const text = await readFile(path, 'utf8').catch(() => '(none)');
      return `--- ${name}\n${text.trimEnd().split('\n').slice(-lines).join('\n')}`;
    });
    return (await Promise.all(logs)).join('\n');
  }

  /** Ends every process, frozen or not, and removes the directory if it is temporary. */
  async stop(): Promise<void> {
    const { nodes, links, directory, isTemporary } = this.#parts;
    this.#connections.stop();
    for (const name of this.running) this.#doomed.add(this.process(name));
    nodes.kill();
    await nodes.stop({ last: null });
    links?.stop();
    if (isTemporary) await rm(directory, { recursive: true, force: true });
  }

  async #rewrite(nodes: readonly { readonly name: string; readonly port: number }[]): Promise<void> {
    const { adjust, definition } = this.#parts;
    const ports = new Map(nodes.map(({ name, port }) => [name, port]));
    await writePrivateConfig(definition.path, { reader: null, addresses: { ports }, adjust });
    const next = await readClusterConfig(definition.path);
    this.#parts = { ...this.#parts, definition: next, gatewayDefinition: next };
    this.#connections.stop();
    this.#connections = new DirectConnections(next);
  }

  #noteEnd(process: NodeProcess, { code, signal }: NodeExit): void {
    if (!this.#doomed.delete(process)) this.#deaths.push(`${process.name} ended with ${signal ?? code}`);
  }

  /** Has the links to a node behave as its port does: they refuse until it listens. */
  async #admitWhenListening(name: string): Promise<void> {
    const { links } = this.#parts;
    const node = this.definition.nodes.find((candidate) => candidate.name === name);
    const process = this.#parts.nodes.process(name);
    if (links === null || node === undefined || process === undefined || this.#awaited.has(process)) return;
    this.#awaited.add(process);
    while (!process.hasExited() && !(await accepts(node))) await delay(portPollMs);
    this.#awaited.delete(process);
    if (!process.hasExited()) await links.admitTo(name);
  }
}

function connectAll(ports: ReadonlyMap<string, number>, linkPorts: readonly number[]): Links {
  const nodes = new Map([...ports].map(([name, port]) => [name, { host: '127.0.0.1', port }]));
  return Links.between({ clients: [gateway], nodes, ports: linkPorts });
}

/** Whether somebody listens at an address. */
function accepts({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
