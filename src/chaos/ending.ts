import { setTimeout as delay } from 'node:timers/promises';
import type { NodeStatus } from '../tarantool/node-status.js';
import type { GraphQLClient } from '../trial/graphql-client.js';
import type { History } from '../trial/history.js';
import type { PrivateCluster } from '../trial/private-cluster.js';
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
/** However late it is, streams that were broken by the load of the last reads get this. */
const lastLookLimitMs = 3_000;
const lookPauseMs = 50;
/** The topology comes from memory. */
const askLimitMs = 5_000;
/** For the last rows to reach every node. */
const equalLimitMs = 15_000;

/** Waits until nothing moves any more, and reads what every node has. Never rejects. */
export async function settle(scene: Scene): Promise<Ending> {
  try {
    const { wholeAfterMs } = await lookUntilWhole(scene);
    await outwaitDeadlines(scene);
    const rows = await readEqualRows(scene);
    // A stream may have broken again under the load of the reads.
    const { seen, truth, problems } = await lookUntilWhole(scene);
    return { kind: 'settled', rows, seen, truth, wholeAfterMs, problems };
  } catch (error) {
    return { kind: 'unsettled', problem: String(error) };
  }
}

/** The gateway's view beside the words of the nodes, and what is wrong with them. */
interface Look {
  readonly seen: SeenTopology;
  readonly truth: readonly NodeStatus[];
  readonly problems: readonly string[];
}

async function look({ cluster, client }: Scene): Promise<Look> {
  const query = '{ topology { term leader { name } nodes { name reachable } } }';
  const [answer, truth] = await Promise.all([
    client.ask({ query, signal: AbortSignal.timeout(askLimitMs) }),
    cluster.truth(),
  ]);
  if (answer.kind !== 'data') throw new Error(`The gateway does not tell its topology: ${answer.kind}`);
  const { term, leader, nodes }: Topology = Object(answer.data['topology']);
  const unreachable = nodes.filter(({ reachable }) => !reachable).map(({ name }) => name);
  const seen = { term, leader: leader?.name ?? null, unreachable };
  return { seen, truth, problems: checkView(seen, truth, cluster.names) };
}

interface Topology {
  readonly term: number;
  readonly leader: { readonly name: string } | null;
  readonly nodes: readonly { readonly name: string; readonly reachable: boolean }[];
}

/** The first look at which all was whole, or the last one in time. */
async function lookUntilWhole(scene: Scene): Promise<Look & { readonly wholeAfterMs: number | null }> {
  const giveUpAt = Math.max(scene.healedAt + wholeLimitMs, performance.now() + lastLookLimitMs);
  for (;;) {
    const last = await look(scene);
    const now = performance.now();
    if (last.problems.length === 0) return { ...last, wholeAfterMs: Math.round(now - scene.healedAt) };
    if (now >= giveUpAt) return { ...last, wholeAfterMs: null };
    await delay(lookPauseMs);
  }
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

/** Rows of every node, once all have the same; the last ones read when that takes too long, if all could be read. */
async function readEqualRows({ cluster, api }: Scene): Promise<ReadonlyMap<string, readonly EmployeeRow[]>> {
  const giveUpAt = performance.now() + equalLimitMs;
  for (;;) {
    const isLast = performance.now() >= giveUpAt;
    try {
      const rows = new Map<string, readonly EmployeeRow[]>();
      for (const name of cluster.names) rows.set(name, await api.allOn(name));
      const texts = new Set([...rows.values()].map((own) => JSON.stringify(own)));
      if (texts.size === 1 || isLast) return rows;
    } catch (error) {
      if (isLast) throw error;
    }
    await delay(lookPauseMs);
  }
}
