import type { InjectedFault } from './injector.js';

/** For how long no write was acknowledged. What stood still already when a fault came counts from its coming only. */
export interface Pause {
  readonly fault: InjectedFault;
  /** Because of the fault: the longest such time that began before all was mended. */
  readonly pauseMs: number;
  /** Because of the mending, such as a node that starts and is filled: the longest that began after it. */
  readonly mendingMs: number;
  /** The longest in the moment before the fault: what the machine, and not the fault, makes of it. */
  readonly calmMs: number;
}

/** How long a look is taken at the time before a fault: within the shortest calm of a schedule. */
const calmWindowMs = 500;

/** Looks at the time from each fault to the next, or to the end. `acknowledgedAt` is sorted. */
export function measurePauses(
  faults: readonly InjectedFault[],
  acknowledgedAt: readonly number[],
  endedAt: number,
): readonly Pause[] {
  return faults.map((fault, index) => {
    const { injectedAt, healedAt } = fault;
    const until = faults[index + 1]?.injectedAt ?? endedAt;
    const mendedAt = Math.min(healedAt ?? until, until);
    const gaps = gapsBetween(acknowledgedAt, injectedAt, until);
    return {
      fault,
      pauseMs: longest(gaps.filter(({ from }) => from <= mendedAt)),
      mendingMs: longest(gaps.filter(({ from }) => from > mendedAt)),
      calmMs: longest(gapsBetween(acknowledgedAt, injectedAt - calmWindowMs, injectedAt)),
    };
  });
}

interface Gap {
  readonly from: number;
  readonly ms: number;
}

const longest = (gaps: readonly Gap[]): number => Math.max(0, ...gaps.map(({ ms }) => ms));

/** The times between what happened from one moment to another, both of which count as happenings. */
function gapsBetween(sorted: readonly number[], from: number, until: number): readonly Gap[] {
  const gaps: Gap[] = [];
  let last = from;
  for (let at = firstAfter(sorted, from); (sorted[at] ?? until) < until; at += 1) {
    const moment = sorted[at] ?? until;
    gaps.push({ from: last, ms: moment - last });
    last = moment;
  }
  return [...gaps, { from: last, ms: until - last }];
}

function firstAfter(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
