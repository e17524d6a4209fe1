import { setTimeout as delay } from 'node:timers/promises';
import type { NodeStatus } from '../tarantool/node-status.js';
import type { GraphQLClient } from '../trial/graphql-client.js';
import type { History } from '../trial/history.js';
import type { PrivateCluster } from '../trial/private-cluster.js';
import { waitFor } from '../trial/wait-for.js';
import type { Action } from './action.js';
import { type SeenTopology, checkView } from './check-view.js';
import type { EmployeeRow, EmployeesApi } from '../trial/employees-api.js';

/** What is left when everything is whole again and nobody writes any more; or why that cannot be told. */
export type Ending =
  | {
      readonly kind: 'settled';
      /** By node. */
      readonly rows: ReadonlyMap<string, readonly EmployeeRow[]>;
      readonly seen: SeenTopology;
      readonly truth: readonly NodeStatus[];
      /** How long after the last fault all nodes received from each other; null when they did not in time. */
      readonly wholeAfterMs: number | null;
      /** What was not as it should be when the time was over. */
      readonly problems: readonly string[];
    }
  | { readonly kind: 'unsettled'; readonly problem: string };

export interface Scene {
  readonly cluster: PrivateCluster;
  readonly api: EmployeesApi;
  readonly client: GraphQLClient;
  readonly history: History<Action>;
  /** When the last fault was over. */
  readonly healedAt: number;
  readonly requestTimeoutMs: number;
}

/** For all nodes to follow again: several rounds of their own retries. */
const wholeLimitMs = 30_000;
/** For the last rows to reach every node. */
const equalLimitMs = 15_000;

/** Waits until nothing moves any more, and reads what every node has. Never rejects. */
export async function settle(scene: Scene): Promise<Ending> {
  try {
    const wholeAfterMs = await waitUntilWhole(scene);
    await outwaitDeadlines(scene);
    const rows = await readEqualRows(scene);
    const { seen, truth } = await look(scene);
    return {
      kind: 'settled',
      rows,
      seen,
      truth,
      wholeAfterMs,
      problems: checkView(seen, truth, scene.cluster.names),
    };
  } catch (error) {
    return { kind: 'unsettled', problem: String(error) };
  }
}

async function look({
  cluster,
  client,
}: Scene): Promise<{ seen: SeenTopology; truth: readonly NodeStatus[] }> {
  const query = '{ topology { term leader { name } nodes { name reachable } } }';
  const [answer, truth] = await Promise.all([client.ask({ query }), cluster.truth()]);
  if (answer.kind !== 'data') throw new Error(`The gateway does not tell its topology: ${answer.kind}`);
  const { term, leader, nodes }: Topology = Object(answer.data['topology']);
  const unreachable = nodes.filter(({ reachable }) => !reachable).map(({ name }) => name);
  return { seen: { term, leader: leader?.name ?? null, unreachable }, truth };
}

interface Topology {
  readonly term: number;
  readonly leader: { readonly name: string } | null;
  readonly nodes: readonly { readonly name: string; readonly reachable: boolean }[];
}

async function waitUntilWhole(scene: Scene): Promise<number | null> {
  const isWhole = async () => {
    const { seen, truth } = await look(scene);
    return checkView(seen, truth, scene.cluster.names).length === 0;
  };
  const leftMs = Math.max(1_000, scene.healedAt + wholeLimitMs - performance.now());
  return waitFor('all is whole', isWhole, { timeoutMs: leftMs }).then(
    () => Math.round(performance.now() - scene.healedAt),
    () => null,
  );
}

/** A write of unknown outcome may take effect until the deadline that it carries. */
async function outwaitDeadlines({ history, requestTimeoutMs }: Scene): Promise<void> {
  const moments = history.operations
    .filter(({ outcome }) => outcome.kind === 'unknown')
    .map(({ completedAt, invokedAt }) => completedAt ?? invokedAt);
  const overAt = Math.max(0, ...moments.slice(-1_000)) + requestTimeoutMs;
  const leftMs = Math.min(requestTimeoutMs, overAt - performance.now());
  if (leftMs > 0) await delay(leftMs);
}

/** Rows of every node, once all have as many; the last ones read when that takes too long. */
async function readEqualRows({ cluster, api }: Scene): Promise<ReadonlyMap<string, readonly EmployeeRow[]>> {
  const giveUpAt = performance.now() + equalLimitMs;
  for (;;) {
    const rows = new Map<string, readonly EmployeeRow[]>();
    for (const name of cluster.names) rows.set(name, await api.allOn(name));
    const sizes = new Set([...rows.values()].map(({ length }) => length));
    if (sizes.size === 1 || performance.now() >= giveUpAt) return rows;
  }
}
