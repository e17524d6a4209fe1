import { percentile } from '../trial/percentile.js';
import { momentsOf } from './moments.js';
import { type Story, findCalmMs, findElection, findPause } from './story.js';

/** A drill in numbers, for the last line and for machines. */
export interface Figures {
  readonly engine: string;
  readonly cluster: 'own' | 'running';
  readonly strike: Story['strike'];
  readonly kills: readonly Kill[];
  /** Because of the kills. Null when no kill had a pause that could be measured. */
  readonly pauses: Pauses | null;
  /** The longest before each kill, when nothing was wrong: a busy machine makes such ones, too. */
  readonly calm: Pauses | null;
  readonly acknowledged: number;
  readonly found: number;
  readonly lost: number;
  readonly doubled: number;
  readonly misreported: number;
  readonly failed: number;
  readonly reads: number;
  /** Nodes that did not come back. */
  readonly down: readonly string[];
  /** Employees of the drill that are still in the cluster; null when that is not known. */
  readonly left: number | null;
  readonly isGood: boolean;
}

export interface Pauses {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

/** One story in numbers. */
export interface Kill {
  readonly victim: string;
  readonly nextLeader: string | null;
  readonly term: number;
  readonly pauseMs: number | null;
  /** Longest pause before the kill. */
  readonly calmMs: number;
  readonly moments: readonly { readonly atMs: number; readonly what: string }[];
  readonly acknowledged: number;
  readonly found: number;
  readonly lost: number;
  readonly doubled: number;
  readonly misreported: number;
  readonly failed: number;
  readonly reads: number;
  readonly problems: readonly string[];
}

export function figuresOf(
  stories: readonly Story[],
  { cluster, strike }: { cluster: Figures['cluster']; strike: Story['strike'] },
): Figures {
  const kills = stories.map(killOf);
  const sum = (pick: (kill: Kill) => number) => kills.reduce((total, kill) => total + pick(kill), 0);
  const down = stories.filter(({ wholeAt }) => wholeAt === null).map(({ victim }) => victim.name);
  const lefts = stories.map(({ left }) => left);
  return {
    engine: stories[0]?.version ?? '',
    cluster,
    strike,
    kills,
    pauses: summarize(kills.flatMap(({ pauseMs }) => pauseMs ?? [])),
    calm: summarize(kills.map(({ calmMs }) => calmMs)),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    found: sum(({ found }) => found),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    misreported: sum(({ misreported }) => misreported),
    failed: sum(({ failed }) => failed),
    reads: sum(({ reads }) => reads),
    down,
    left: lefts.includes(null) ? null : lefts.reduce<number>((total, left) => total + (left ?? 0), 0),
    isGood: stories.length > 0 && stories.every(({ verdict }) => verdict.isGood),
  };
}

function killOf(story: Story): Kill {
  const { verdict, victim, term } = story;
  const pause = findPause(story);
  const next = findElection(story);
  return {
    victim: victim.name,
    nextLeader: next?.leader ?? null,
    term: next?.term ?? term,
    pauseMs: pause === null ? null : Math.round(pause.ms),
    calmMs: Math.round(findCalmMs(story)),
    moments: momentsOf(story).map(({ atMs, what }) => ({ atMs, what })),
    acknowledged: verdict.acknowledged,
    found: verdict.found,
    lost: verdict.lost.length,
    doubled: verdict.doubled.length,
    misreported: verdict.misreported.length,
    failed: verdict.failed,
    reads: story.reads,
    problems: verdict.problems,
  };
}

function summarize(pauses: readonly number[]): Pauses | null {
  if (pauses.length === 0) return null;
  return {
    p50Ms: percentile(pauses, 0.5),
    p99Ms: percentile(pauses, 0.99),
    worstMs: Math.max(...pauses),
  };
}
