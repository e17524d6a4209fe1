import type { Change } from '../api/operations.js';

/** A stretch of time in which one node led, or nobody (`leader` null). `until` is null while it lasts. */
export interface Reign {
  readonly leader: string | null;
  readonly term: number;
  readonly from: number;
  readonly until: number | null;
}

/** Who led when, oldest first, out of the changes in order. Pure. */
export function reignsOf(changes: readonly Change[]): readonly Reign[] {
  return changes.map((change, index) => {
    const next = changes[index + 1];
    return {
      leader: change.kind === 'LOST' ? null : (change.leader?.name ?? null),
      term: change.term,
      from: startOf(change),
      until: next === undefined ? null : startOf(next),
    };
  });
}

const startOf = (change: Change): number => Date.parse(change.at);

/** The last time that nobody led: between which nodes, and for how long. */
export interface Pause {
  readonly from: string | null;
  readonly to: string;
  readonly ms: number;
  readonly term: number;
  readonly at: number;
}

/** The last pause that is over; null when there was none yet. Pure. */
export function lastPause(changes: readonly Change[]): Pause | null {
  const ended = changes.findLast((change) => change.kind === 'ELECTED' && change.leaderlessMs !== null);
  if (ended?.leader == null || ended.leaderlessMs === null) return null;
  const { leader, previousLeader, leaderlessMs, term } = ended;
  return { from: previousLeader?.name ?? null, to: leader.name, ms: leaderlessMs, term, at: startOf(ended) };
}

/** A piece of the strip, from 0 to 100 of its width. */
export interface StripPiece extends Reign {
  readonly x: number;
  readonly width: number;
}

/** Short of this nothing is seen: a pause of milliseconds is drawn wider than it was. */
const minWidth = 1;

/** The reigns of the last `spanMs` as pieces of a strip that ends now. Pure. */
export function stripOf(reigns: readonly Reign[], now: number, spanMs: number): readonly StripPiece[] {
  const start = now - spanMs;
  return reigns.flatMap((reign) => {
    const from = Math.max(reign.from, start);
    const until = Math.min(reign.until ?? now, now);
    if (until < start || from > now) return [];
    const width = Math.max(minWidth, ((until - from) / spanMs) * 100);
    return [{ ...reign, x: Math.min(100 - width, ((from - start) / spanMs) * 100), width }];
  });
}

const spans = [1, 2, 5, 10, 15, 30, 60].map((minutes) => minutes * 60_000);

/** The shortest span that shows the last few changes: a minute at least, an hour at most. Pure. */
export function spanFor(reigns: readonly Reign[], now: number): number {
  const oldest = reigns.slice(-6)[0];
  const needed = oldest === undefined ? 0 : now - oldest.from;
  return spans.find((span) => span >= needed) ?? 3_600_000;
}
