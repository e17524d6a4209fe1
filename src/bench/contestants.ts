import { join } from 'node:path';
import { findLeash } from '../local/leash.js';
import { type NodeProcess, startNode } from '../local/node-process.js';
import { packageRoot } from '../package-root.js';
import { ReleaseStack } from '../release-stack.js';
import { findFreePorts } from '../trial/free-ports.js';
import { waitFor } from '../trial/wait-for.js';
import type { BenchCluster } from './bench-cluster.js';
import { isRight } from './check-answer.js';
import { type LoadOrder, LoadProcess, type LoadReport } from './load.js';
import { type Workload, workloads } from './workloads.js';

/** For how long to ask: until the time is over, or there have been so many answers. */
export type Span = Pick<LoadOrder, 'durationMs' | 'maxAnswers'>;

/** Something that answers requests, and is measured while it does. */
export interface Contestant {
  readonly name: string;
  /** The process that answers. */
  readonly pid: number;
  /** Where; null for one that is no server. */
  readonly url: string | null;
  drive(workload: Workload, span: Span): Promise<LoadReport>;
}

export const gatewayName = 'this gateway';
export const rivalName = 'mercurius+jit';
export const workersName = (workers: number): string => `WORKERS=${workers}`;

/** As many as have one request under way each: the connections of a busy front-end server. */
export const connections = 32;

interface Server {
  readonly name: string;
  /** Ours are in `dist`, the peers are built into `dist/peers`. */
  readonly script: string;
  /** For Node. */
  readonly flags?: readonly string[];
  /** Beside that of all. */
  readonly environment?: Readonly<Record<string, string>>;
}

const gateway: Server = { name: gatewayName, script: 'bundled/main.js' };
const servers: readonly Server[] = [
  { name: 'bare HTTP handler', script: 'peers/bare-http.js' },
  { name: rivalName, script: 'peers/mercurius-jit.js' },
  gateway,
  { name: 'Apollo Server', script: 'peers/apollo-fastify.js' },
];

/** Where the contestants find the people, and where their logs go. */
export interface Stage {
  readonly cluster: BenchCluster;
  readonly directory: string;
}

/** Those that are compared, running: each a process of its own, connected to the same leader. */
export class Contestants {
  readonly #releases = new ReleaseStack();
  readonly #all: Contestant[] = [];

  private constructor() {}

  /** Starts all of them. */
  static start(stage: Stage): Promise<Contestants> {
    return Contestants.#start(async (contestants) => {
      await contestants.#addDriver(stage);
      await contestants.#addServers(servers, stage);
    });
  }

  /** Starts this gateway as one process, and once more as several. */
  static startWorkers(workers: number, stage: Stage): Promise<Contestants> {
    const many = { ...gateway, name: workersName(workers), environment: { WORKERS: String(workers) } };
    return Contestants.#start((contestants) => contestants.#addServers([gateway, many], stage));
  }

  /** Starts this gateway alone; in another way than it is shipped where that is given. */
  static startGateway(stage: Stage, way: Partial<Omit<Server, 'name'>> = {}): Promise<Contestants> {
    return Contestants.#start((contestants) => contestants.#addServers([{ ...gateway, ...way }], stage));
  }

  static async #start(add: (contestants: Contestants) => Promise<void>): Promise<Contestants> {
    const contestants = new Contestants();
    try {
      await add(contestants);
      return contestants;
    } catch (error) {
      await contestants.stop();
      throw error;
    }
  }

  get all(): readonly Contestant[] {
    return this.#all;
  }

  /** Ends them in order. The same promise on every call. */
  stop(): Promise<void> {
    return this.#releases.releaseAll();
  }

  async #addDriver({ cluster }: Stage): Promise<void> {
    const driver = await LoadProcess.start(built('peers/driver-alone.js'), environmentFor(cluster));
    this.#releases.push(() => driver.stop());
    this.#all.push({
      name: 'driver alone',
      pid: driver.pid,
      url: null,
      drive: ({ requests }, span) => driver.drive({ url: null, requests, lanes: connections, ...span }),
    });
  }

  async #addServers(wanted: readonly Server[], { cluster, directory }: Stage): Promise<void> {
    const leash = await findLeash();
    const ports = await findFreePorts(wanted.length);
    const load = await LoadProcess.start(built('bench/load-process.js'), {});
    this.#releases.push(() => load.stop());
    for (const [index, { name, script, flags = [], environment = {} }] of wanted.entries()) {
      const port = ports[index] ?? 0;
      const command = {
        name,
        program: process.execPath,
        args: [...flags, built(script)],
        cwd: directory,
        environment: { ...environmentFor(cluster), ...environment, PORT: String(port) },
        logPath: join(directory, `${name.replaceAll(' ', '-')}.log`),
      };
      const server = await startNode(command, leash);
      this.#releases.push(async () => {
        server.signal('SIGTERM');
        await server.exited;
      });
      const url = `http://127.0.0.1:${port}`;
      await waitUntilRight(server, url);
      this.#all.push({
        name,
        pid: server.pid,
        url,
        drive: ({ requests }, span) => load.drive({ url, requests, lanes: connections, ...span }),
      });
    }
  }
}

const built = (script: string): string => join(packageRoot, 'dist', script);

/** Nothing of the caller's but the path: everybody runs with the settings that are shipped. */
function environmentFor(cluster: BenchCluster): NodeJS.ProcessEnv {
  const { host, port, user, password } = cluster.leaderLogin;
  return {
    PATH: process.env['PATH'],
    NODE_ENV: 'production',
    CLUSTER_CONFIG: cluster.configPath,
    TARANTOOL_HOST: host,
    TARANTOOL_PORT: String(port),
    TARANTOOL_USER: user,
    TARANTOOL_PASSWORD: password,
  };
}

/** The first answer is looked at already: a server that is set up wrongly is not measured. */
async function waitUntilRight(server: NodeProcess, url: string): Promise<void> {
  const [request] = workloads[0].requests;
  const headers = { 'content-type': 'application/json' };
  const ask = async (): Promise<boolean> => {
    if (server.hasExited()) return true;
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: request.body });
    return isRight(await response.text(), request.expected);
  };
  await waitFor(`${server.name} answers`, ask, { timeoutMs: 30_000 });
  if (server.hasExited()) throw new Error(`${server.name} has ended: ${await server.lastWords()}`);
}
