import { join } from 'node:path';
import { findLeash } from '../local/leash.js';
import { type NodeProcess, startNode } from '../local/node-process.js';
import { packageRoot } from '../package-root.js';
import { findFreePorts } from '../trial/free-ports.js';
import { waitFor } from '../trial/wait-for.js';
import type { BenchCluster } from './bench-cluster.js';
import { isRight } from './check-answer.js';
import { LoadProcess, type LoadReport } from './load.js';
import { type Workload, workloads } from './workloads.js';

/** Something that answers requests, and is measured while it does. */
export interface Contestant {
  readonly name: string;
  /** The process that answers. */
  readonly pid: number;
  /** Has it asked for as long as that. */
  drive(workload: Workload, durationMs: number): Promise<LoadReport>;
}

export const gatewayName = 'this gateway';
export const rivalName = 'mercurius+jit';

/** As many as have one request under way each: the connections of a busy front-end server. */
export const connections = 32;

/** Ours are in `dist`, the peers are built into `dist/peers`. */
const servers = [
  { name: 'bare HTTP handler', script: 'peers/bare-http.js' },
  { name: rivalName, script: 'peers/mercurius-jit.js' },
  { name: gatewayName, script: 'main.js' },
  { name: 'Apollo Server', script: 'peers/apollo-fastify.js' },
];

/** All that are compared, running: each a process of its own, connected to the same leader. */
export class Contestants {
  readonly all: readonly Contestant[];
  readonly #loads: readonly LoadProcess[];
  readonly #servers: readonly NodeProcess[];

  private constructor(parts: {
    all: readonly Contestant[];
    loads: readonly LoadProcess[];
    servers: readonly NodeProcess[];
  }) {
    this.all = parts.all;
    this.#loads = parts.loads;
    this.#servers = parts.servers;
  }

  /** Starts them all; their logs go into `directory`. */
  static async start(cluster: BenchCluster, directory: string): Promise<Contestants> {
    const leash = await findLeash();
    const ports = await findFreePorts(servers.length);
    const environment = environmentFor(cluster);
    const running = await Promise.all(
      servers.map(async ({ name, script }, index) => {
        const port = ports[index] ?? 0;
        const process = await startNode(
          {
            name,
            program: globalThis.process.execPath,
            args: [built(script)],
            cwd: directory,
            environment: { ...environment, PORT: String(port) },
            logPath: join(directory, `${name.replaceAll(' ', '-')}.log`),
          },
          leash,
        );
        return { name, url: `http://127.0.0.1:${port}`, process };
      }),
    );
    const load = await LoadProcess.start(built('bench/load-process.js'), {});
    const driver = await LoadProcess.start(built('peers/driver-alone.js'), environment);
    const overHttp = running.map(({ name, url, process }): Contestant => ({
      name,
      pid: process.pid,
      drive: ({ requests }, durationMs) => load.drive({ url, requests, lanes: connections, durationMs }),
    }));
    const alone: Contestant = {
      name: 'driver alone',
      pid: driver.pid,
      drive: ({ requests }, durationMs) =>
        driver.drive({ url: null, requests, lanes: connections, durationMs }),
    };
    const contestants = new Contestants({
      all: [alone, ...overHttp],
      loads: [load, driver],
      servers: running.map(({ process }) => process),
    });
    try {
      await Promise.all(running.map(waitUntilRight));
      return contestants;
    } catch (error) {
      await contestants.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) server.signal('SIGTERM');
    await Promise.all([
      ...this.#servers.map(({ exited }) => exited),
      ...this.#loads.map((load) => load.stop()),
    ]);
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
async function waitUntilRight(server: { name: string; url: string; process: NodeProcess }): Promise<void> {
  const { name, url, process } = server;
  const [request] = workloads[0].requests;
  const ask = async (): Promise<boolean> => {
    if (process.hasExited()) return true;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: request.body });
    return isRight(await response.text(), request.expected);
  };
  await waitFor(`${name} answers`, ask, { timeoutMs: 30_000 });
  if (process.hasExited()) throw new Error(`${name} has ended: ${await process.lastWords()}`);
}
