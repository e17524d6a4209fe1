import type { InjectedFault } from './injector.js';

/** For how long no write was acknowledged, because of one fault. */
export interface Pause {
  readonly fault: InjectedFault;
  readonly pauseMs: number;
}

/**
 * The longest time without an acknowledged write, from the moment of each fault to that of the next. `acknowledgedAt` is
 * sorted. What stood still already when the fault came counts from its coming only.
 */
export function measurePauses(
  faults: readonly InjectedFault[],
  acknowledgedAt: readonly number[],
  endedAt: number,
): readonly Pause[] {
  return faults.map((fault, index) => {
    const until = faults[index + 1]?.injectedAt ?? endedAt;
    let last = fault.injectedAt;
    let pauseMs = 0;
    for (let at = firstAfter(acknowledgedAt, last); at < acknowledgedAt.length; at += 1) {
      const moment = Math.min(acknowledgedAt[at] ?? until, until);
      pauseMs = Math.max(pauseMs, moment - last);
      last = moment;
      if (moment >= until) break;
    }
    return { fault, pauseMs: Math.max(pauseMs, until - last) };
  });
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

/** The value that `share` of them do not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
