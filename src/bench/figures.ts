import { percentile } from '../trial/percentile.js';

/** One contestant under one workload in one round. */
export interface Measurement {
  readonly workload: string;
  readonly contestant: string;
  readonly round: number;
  readonly answers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the process that answers, for each answer. */
  readonly cpuMicros: number;
  readonly residentBytes: number;
  /** Calls that the leader got, for each answer. */
  readonly calls: number;
}

/** A figure of several rounds. Nothing is left out: the spread is from the lowest to the highest. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** What several rounds say of one contestant under one workload. */
export interface Figures {
  readonly workload: string;
  readonly contestant: string;
  readonly perSecond: Spread;
  /** Throughput as a share of the rival's in the same round. */
  readonly ratio: Spread;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicros: number;
  readonly residentBytes: number;
  readonly calls: number;
}

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return (low + high) / 2;
}

export function spreadOf(values: readonly number[]): Spread {
  return { low: Math.min(...values), median: median(values), high: Math.max(...values) };
}

/**
 * Throughput of `one` divided by that of `other`, for each round that has both: they ran within seconds of each other, so
 * what else the machine did meanwhile falls out.
 */
export function pairedRatios(one: readonly Measurement[], other: readonly Measurement[]): readonly number[] {
  const others = new Map(other.map(({ round, perSecond }) => [round, perSecond]));
  return one.flatMap(({ round, perSecond }) => {
    const base = others.get(round);
    return base === undefined ? [] : [perSecond / base];
  });
}

/** One line for each workload and contestant, in the order in which they were first measured. */
export function summarise(measurements: readonly Measurement[], rival: string): readonly Figures[] {
  const groups = new Map<string, Measurement[]>();
  for (const measurement of measurements) {
    const key = keyOf(measurement.workload, measurement.contestant);
    groups.set(key, [...(groups.get(key) ?? []), measurement]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { workload, contestant } = first;
    const ratios = pairedRatios(group, groups.get(keyOf(workload, rival)) ?? []);
    const medianOf = (value: (measurement: Measurement) => number) => median(group.map(value));
    return {
      workload,
      contestant,
      perSecond: spreadOf(group.map(({ perSecond }) => perSecond)),
      ratio: spreadOf(ratios),
      p50Ms: medianOf(({ p50Ms }) => p50Ms),
      p99Ms: medianOf(({ p99Ms }) => p99Ms),
      cpuMicros: medianOf(({ cpuMicros }) => cpuMicros),
      residentBytes: medianOf(({ residentBytes }) => residentBytes),
      calls: medianOf(({ calls }) => calls),
    };
  });
}

const keyOf = (workload: string, contestant: string): string => JSON.stringify([workload, contestant]);

/** What was read before and after a load, and what the load says. */
export interface Evidence {
  readonly elapsedMs: number;
  readonly latenciesMs: readonly number[];
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly calls: number;
}

/** The figures of one load. */
export function measurementOf(
  place: Pick<Measurement, 'workload' | 'contestant' | 'round'>,
  { elapsedMs, latenciesMs, cpuMs, residentBytes, calls }: Evidence,
): Measurement {
  const answers = latenciesMs.length;
  return {
    ...place,
    answers,
    perSecond: (answers / elapsedMs) * 1_000,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    cpuMicros: (cpuMs / answers) * 1_000,
    residentBytes,
    calls: calls / answers,
  };
}
