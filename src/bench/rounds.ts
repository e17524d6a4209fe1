import type { BenchCluster } from './bench-cluster.js';
import type { Contestant, Span } from './contestants.js';
import { type Measurement, measurementOf } from './figures.js';
import type { LoadReport } from './load.js';
import { readUsage } from './process-usage.js';
import type { Workload } from './workloads.js';

export interface Plan {
  readonly rounds: number;
  readonly workloads: readonly Workload[];
  /** How long each contestant is asked, under each workload, in each round. */
  readonly measureMs: number;
  /** The same before the first round, when nothing is noted. */
  readonly warmUp: Span;
}

export interface RoundsOptions extends Plan {
  readonly cluster: BenchCluster;
  readonly contestants: readonly Contestant[];
  readonly signal: AbortSignal;
  /** Called before each load. */
  readonly onStep: (step: { readonly what: string; readonly leftMs: number }) => void;
}

/** An answer that was wrong, or did not come: there is nothing to compare then. */
export class WrongAnswerError extends Error {
  override readonly name = 'WrongAnswerError';
}

/**
 * The report, if all answers were right.
 * @throws WrongAnswerError
 */
export function assertRight(
  report: LoadReport,
  { contestant, workload }: { readonly contestant: string; readonly workload: Workload },
): LoadReport {
  const [problem] = report.problems;
  if (problem === undefined) return report;
  throw new WrongAnswerError(`${contestant} failed under ${workload.name}: ${problem}`);
}

/** The contestants of a round, each round beginning with another one. */
export function orderOf<T>(contestants: readonly T[], round: number): readonly T[] {
  const start = round % contestants.length;
  return [...contestants.slice(start), ...contestants.slice(0, start)];
}

/**
 * Measures in interleaved rounds: in each round, under each workload, every contestant runs once, one right after another.
 * Rejects with WrongAnswerError, or with the reason of the signal.
 */
export async function runRounds(options: RoundsOptions): Promise<readonly Measurement[]> {
  const { cluster, contestants, workloads, rounds, measureMs, warmUp, signal, onStep } = options;
  let leftMs = workloads.length * contestants.length * (rounds * measureMs + warmUp.durationMs);

  async function load(
    contestant: Contestant,
    workload: Workload,
    { what, span }: { what: string; span: Span },
  ) {
    signal.throwIfAborted();
    onStep({ what: `${what}: ${workload.name}, ${contestant.name}`, leftMs });
    const report = await contestant.drive(workload, span);
    leftMs -= span.durationMs;
    return assertRight(report, { contestant: contestant.name, workload });
  }

  for (const workload of workloads)
    for (const contestant of contestants)
      await load(contestant, workload, { what: 'Warming up', span: warmUp });

  const measurements: Measurement[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const what = `Round ${round + 1} of ${rounds}`;
    for (const workload of workloads) {
      for (const contestant of orderOf(contestants, round)) {
        const countCalls = await cluster.beginCount();
        const before = await readUsage(contestant.pid);
        const { elapsedMs, latenciesMs } = await load(contestant, workload, {
          what,
          span: { durationMs: measureMs, maxAnswers: Infinity },
        });
        const after = await readUsage(contestant.pid);
        const calls = await countCalls();
        measurements.push(
          measurementOf(
            { workload: workload.name, contestant: contestant.name, round },
            {
              elapsedMs,
              latenciesMs: [...latenciesMs],
              cpuMs: after.cpuMs - before.cpuMs,
              residentBytes: after.residentBytes,
              calls,
            },
          ),
        );
      }
    }
  }
  return measurements;
}
