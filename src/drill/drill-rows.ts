import { randomUUID } from 'node:crypto';
import type { EmployeesApi, StoredEmployee } from '../trial/employees-api.js';
import { waitFor } from '../trial/wait-for.js';
import { drillPosition } from './load.js';

/** For the last rows to reach every node. */
const equalLimitMs = 10_000;
/** After an interrupted drill, somebody has to be elected first. */
const leaderLimitMs = 10_000;
/** How many are removed at a time. */
const atOnce = 16;
/** For all of them. A cluster that serves removes a thousand in one or two seconds. */
const removalLimitMs = 60_000;
/** Employees may come to light while others are removed: a write of unknown outcome. */
const rounds = 3;

/** The employees of a drill, on any node of the cluster. */
export class DrillRows {
  readonly #api: EmployeesApi;
  readonly #prefix: string;

  constructor(api: EmployeesApi, prefix: string) {
    this.#api = api;
    this.#prefix = prefix;
  }

  /** Rejects when the node does not answer. */
  async on(node: string): Promise<readonly StoredEmployee[]> {
    return this.#api.allOn(node, { name: { startsWith: this.#prefix }, position: { eq: drillPosition } });
  }

  /** What each node has, once all have as many; the last ones read when that takes too long. */
  async onEach(nodes: readonly string[]): Promise<ReadonlyMap<string, readonly StoredEmployee[]>> {
    const giveUpAt = performance.now() + equalLimitMs;
    for (;;) {
      const rows = new Map<string, readonly StoredEmployee[]>();
      for (const node of nodes) rows.set(node, await this.on(node));
      const sizes = new Set([...rows.values()].map(({ length }) => length));
      if (sizes.size <= 1 || performance.now() >= giveUpAt) return rows;
    }
  }

  /** Removes all that the leader has; resolves to how many are left, null when nobody can tell. */
  async remove(): Promise<number | null> {
    const giveUpAt = performance.now() + removalLimitMs;
    let left: readonly StoredEmployee[] | null = null;
    for (let round = 0; round <= rounds; round += 1) {
      left = await this.#onLeader();
      if (left === null || left.length === 0 || round === rounds || performance.now() >= giveUpAt) break;
      const queue = [...left];
      const removeSome = async () => {
        for (let row = queue.pop(); row !== undefined; row = queue.pop()) {
          if (performance.now() >= giveUpAt) return;
          await this.#api.remove(row.id, randomUUID());
        }
      };
      await Promise.all(Array.from({ length: atOnce }, removeSome));
    }
    return left === null ? null : left.length;
  }

  async #onLeader(): Promise<readonly StoredEmployee[] | null> {
    const find = () => this.#api.leader();
    const leader = await waitFor('somebody leads', find, { timeoutMs: leaderLimitMs }).catch(() => null);
    return leader === null ? null : this.on(leader).catch(() => null);
  }
}
