import type { InjectedFault } from './injector.js';
import { percentile } from '../trial/percentile.js';
import { type Pause, measurePauses } from './pauses.js';
import type { ChaosRun } from './run-chaos.js';
import type { Verdict } from './verdict.js';

/** Pauses of one kind of fault at one kind of victim. */
export interface FaultFigures {
  readonly fault: string;
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** The longest pause after all was mended. */
  readonly worstMendingMs: number;
}

/** A run in numbers, for tables. */
export interface Figures {
  readonly engine: string;
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly FaultFigures[];
  /** The same of the half seconds before each fault: how much of a pause is the machine's. */
  readonly calm: Pick<FaultFigures, 'p50Ms' | 'p99Ms' | 'worstMs'>;
  readonly elections: number;
  readonly operations: number;
  readonly acknowledgedWrites: number;
  /** Requests by what they were answered with: `ok`, or the code. */
  readonly answers: Readonly<Record<string, number>>;
  /** Operations by what their clients know in the end, repetitions included. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly requests: ChaosRun['counts']['requests'];
  readonly buffer: ChaosRun['counts']['buffer'];
  readonly checks: readonly { readonly name: string; readonly problems: number }[];
  readonly isGood: boolean;
}

export function figuresOf(
  run: ChaosRun,
  verdict: Verdict,
  { seed, durationMs }: { seed: number; durationMs: number },
): Figures {
  const { answers, acknowledgedAt } = run.api;
  const outcomes = new Map<string, number>();
  for (const { outcome } of run.history.operations)
    outcomes.set(outcome.kind, (outcomes.get(outcome.kind) ?? 0) + 1);
  const pauses = measurePauses(run.faults, acknowledgedAt, run.endedAt);
  return {
    engine: run.engine,
    seed,
    minutes: durationMs / 60_000,
    faults: summarizePauses(pauses),
    calm: summarize(pauses.map(({ calmMs }) => calmMs)),
    elections: run.elections,
    operations: run.history.operations.length,
    acknowledgedWrites: acknowledgedAt.length,
    answers: Object.fromEntries(answers.byCode),
    outcomes: Object.fromEntries(outcomes),
    slowestMs: Math.round(answers.slowestMs),
    requests: run.counts.requests,
    buffer: run.counts.buffer,
    checks: verdict.checks.map(({ name, problems }) => ({ name, problems: problems.length })),
    isGood: verdict.isGood,
  };
}

/** One row for each fault at each kind of victim, in alphabetical order. */
export function summarizePauses(pauses: readonly Pause[]): readonly FaultFigures[] {
  const groups = groupByName(pauses);
  return [...groups]
    .map(([fault, own]) => ({
      fault,
      count: own.length,
      ...summarize(own.map(({ pauseMs }) => pauseMs)),
      worstMendingMs: Math.round(Math.max(...own.map(({ mendingMs }) => mendingMs))),
    }))
    .toSorted((a, b) => (a.fault < b.fault ? -1 : 1));
}

function summarize(values: readonly number[]): Figures['calm'] {
  const [p50Ms = 0, p99Ms = 0, worstMs = 0] = [0.5, 0.99, 1].map((share) =>
    Math.round(percentile(values, share)),
  );
  return { p50Ms, p99Ms, worstMs };
}

/** What was broken, by its part and not by its name: `kill leader`, `cut gateway - leader`. */
export function nameOf({ planned }: Pick<InjectedFault, 'planned'>): string {
  const { kind, victim, link } = planned;
  if (victim !== null) return `${kind} ${part(victim)}`;
  if (link === null) return kind;
  return `${kind} ${link.map(part).join(kind === 'oneway' ? ' -> ' : ' - ')}`;
}

const part = (end: string): string => end.replace(/^follower \d$/, 'follower');

function groupByName(pauses: readonly Pause[]): ReadonlyMap<string, readonly Pause[]> {
  const groups = new Map<string, Pause[]>();
  for (const pause of pauses) {
    const name = nameOf(pause.fault);
    groups.set(name, [...(groups.get(name) ?? []), pause]);
  }
  return groups;
}
