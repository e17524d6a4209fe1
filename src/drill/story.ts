import type { ReplicaSetView } from '../replicaset/view.js';
import type { Strike } from './arguments.js';
import type { Victim } from './drilled-cluster.js';
import type { Verdict } from './verdict.js';
import type { HeardChange, SeenTopology } from './watch.js';

/** Employees that had been acknowledged before the kill were looked for on two kinds of nodes. */
export interface SameData {
  readonly at: number;
  /** How many there were to find. */
  readonly count: number;
  readonly leader: string;
  readonly replicas: readonly string[];
}

/** One kill with all that was seen of it. Times are monotonic milliseconds; null for what did not come about. */
export interface Story {
  readonly strike: Strike;
  readonly victim: Pick<Victim, 'name' | 'pid' | 'reviver'>;
  readonly term: number;
  readonly version: string;
  readonly beganAt: number;
  readonly struckAt: number;
  readonly revivedAt: number | null;
  /** When all nodes answered and received from each other again. */
  readonly wholeAt: number | null;
  readonly endedAt: number;
  readonly acknowledgedAt: readonly number[];
  readonly reads: number;
  readonly changes: readonly HeardChange[];
  readonly topologies: readonly SeenTopology[];
  readonly sameData: SameData | null;
  /** While the victim was away. */
  readonly brokenView: ReplicaSetView;
  readonly verdict: Verdict;
  /** Employees that could not be removed again; null when that is not known. */
  readonly left: number | null;
}

/** For how long no write was acknowledged because of the kill, and between which two acknowledgements that lies. */
export interface Pause {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

/**
 * The longest pause of the writers that begins before clients heard who leads next. What stood still already when the kill
 * came counts from the kill only, as in `npm run chaos`. Null when nothing was acknowledged before it or after it.
 */
export function findPause({
  acknowledgedAt,
  changes,
  struckAt,
  endedAt,
}: Pick<Story, 'acknowledgedAt' | 'changes' | 'struckAt' | 'endedAt'>): Pause | null {
  const until = findElection({ changes, struckAt })?.at ?? endedAt;
  let longest: Pause | null = null;
  for (const [index, to] of acknowledgedAt.entries()) {
    const from = acknowledgedAt[index - 1];
    if (from === undefined || to < struckAt || from > until) continue;
    const ms = to - Math.max(from, struckAt);
    if (longest === null || ms > longest.ms) longest = { from, to, ms };
  }
  return longest;
}

/** The longest time without an acknowledged write before the kill, in milliseconds: what the machine, not the kill, makes of it. */
export function findCalmMs({ acknowledgedAt, struckAt }: Pick<Story, 'acknowledgedAt' | 'struckAt'>): number {
  const before = acknowledgedAt.filter((at) => at <= struckAt);
  return Math.max(0, ...[...before.slice(1), struckAt].map((at, index) => at - (before[index] ?? at)));
}

/** The first election that clients heard of after the kill. */
export function findElection({
  changes,
  struckAt,
}: Pick<Story, 'changes' | 'struckAt'>): HeardChange | undefined {
  return changes.find(({ at, kind }) => at > struckAt && kind === 'ELECTED');
}
