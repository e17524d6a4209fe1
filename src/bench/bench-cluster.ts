import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TarantoolBinary } from '../local/tarantool-binary.js';
import { PrivateCluster } from '../trial/private-cluster.js';
import { waitFor } from '../trial/wait-for.js';
import { firstNewId, people, peopleCount } from './people.js';

/** Where a node is, and as whom to come: as the variables by which peers are told. */
export interface NodeLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Long enough for ten polls of a gateway. */
const idleMs = 1_000;
/** What one call takes. */
const rowsPerWrite = 100;
const writeTimeoutMs = 30_000;

/**
 * Between heartbeats, in seconds. On a machine with more to do than it can, a node is silent for a while: that is no reason
 * for an election here.
 */
const heartbeatSeconds = 2;

/** Three nodes of Tarantool that hold the same people on every run, and belong to the benchmark alone. */
export class BenchCluster {
  readonly #cluster: PrivateCluster;
  readonly leader: string;
  /** Of Tarantool. */
  readonly version: string;
  #idleCallsPerSecond = 0;

  private constructor(cluster: PrivateCluster, { leader, version }: { leader: string; version: string }) {
    this.#cluster = cluster;
    this.leader = leader;
    this.version = version;
  }

  /** Resolves when the people are there; data and logs are below `directory`. */
  static async start(tarantool: TarantoolBinary, directory: string): Promise<BenchCluster> {
    const cluster = await PrivateCluster.start({
      tarantool,
      directory: join(directory, 'cluster'),
      adjust: bePatient,
    });
    try {
      const leader = await cluster.waitForLeader();
      await fill(cluster, leader);
      return new BenchCluster(cluster, { leader, version: tarantool.version });
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** The configuration that a gateway reads. */
  get configPath(): string {
    return this.#cluster.definition.path;
  }

  /** The leader, as the gateway's user. */
  get leaderLogin(): NodeLogin {
    const { nodes, users } = this.#cluster.definition;
    const node = nodes.find(({ name }) => name === this.leader);
    if (node === undefined) throw new Error(`There is no node ${this.leader}`);
    const user = 'gateway';
    return { host: node.host, port: node.port, user, password: users.get(user) ?? '' };
  }

  /**
   * Begins to count what the leader is called for; resolves to the way to end it, which resolves to the number. What is
   * called without any load, such as its status ten times a second by a gateway, is left out.
   */
  async beginCount(): Promise<() => Promise<number>> {
    const begunAt = performance.now();
    const before = await this.#countCalls();
    return async () => {
      const calls = (await this.#countCalls()) - before - 1;
      const idleCalls = ((performance.now() - begunAt) / 1_000) * this.#idleCallsPerSecond;
      // A gateway with much to do asks less often.
      return Math.max(0, calls - idleCalls);
    };
  }

  /** To be called when all is started, and nobody asks anybody. */
  async learnIdleCalls(): Promise<void> {
    const before = await this.#countCalls();
    await delay(idleMs);
    this.#idleCallsPerSecond = ((await this.#countCalls()) - before - 1) / (idleMs / 1_000);
  }

  /** Since the leader was started, this one included. */
  async #countCalls(): Promise<number> {
    return Number(await this.#cluster.evaluate(this.leader, 'return box.stat().CALL.total'));
  }

  stop(): Promise<void> {
    return this.#cluster.stop();
  }
}

function bePatient(config: Record<string, unknown>): void {
  config['replication'] = { ...Object(config['replication']), timeout: heartbeatSeconds };
}

async function fill(cluster: PrivateCluster, leader: string): Promise<void> {
  // The schema and the two sample employees are made after the election.
  const isReady = 'return box.space.employees ~= nil and box.space.employees:len() == 2';
  await waitFor('the schema is made', () => cluster.evaluate(leader, isReady));
  const samples = [1, 2].map((id) => ({ operation: 'remove', arguments: { id } }));
  const additions = Array.from({ length: peopleCount / rowsPerWrite }, (_, index) => {
    const rows = people(rowsPerWrite, index * rowsPerWrite);
    return {
      operation: 'add',
      arguments: { rows: rows.map(({ id, name, position, salary }) => [id, name, position, salary]) },
    };
  });
  for (const [index, write] of [...samples, ...additions].entries()) {
    const request = { request_id: `fill-${index}`, deadline: Date.now() + writeTimeoutMs, ...write };
    const reply = await cluster.call(leader, 'employees.write', request);
    if (reply.status !== 'ok') throw new Error(`The cluster cannot be filled: ${JSON.stringify(reply)}`);
  }
  await cluster.evaluate(leader, 'box.sequence.employee_ids:set(...)', firstNewId);
}
