import type { Terminal } from '../terminal.js';
import type { BenchCluster } from './bench-cluster.js';
import { type Contestants, connections } from './contestants.js';
import type { Measurement } from './figures.js';
import { runRounds } from './rounds.js';
import { workloads } from './workloads.js';

/** Hot code is compiled by then. */
const warmUpAnswers = 4_000;

export interface CompareOptions {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly cluster: BenchCluster;
  readonly contestants: Contestants;
  readonly rounds: number;
  readonly measureMs: number;
  /** For each contestant and load, at most. */
  readonly warmUpMs: number;
}

/** Measures all contestants under all workloads, and says meanwhile how far it is. Rejects as `runRounds`. */
export async function compare(options: CompareOptions): Promise<readonly Measurement[]> {
  const { terminal, signal, cluster, contestants, rounds, measureMs, warmUpMs } = options;
  terminal.say(
    `${contestants.all.length} contestants ask ${cluster.leader}, the leader of three nodes of Tarantool ${cluster.version}; ${connections} connections to each`,
  );
  await terminal.during('Counting the calls of idle servers', cluster.learnIdleCalls());
  let progress = '';
  const measuring = runRounds({
    rounds,
    measureMs,
    warmUp: { durationMs: warmUpMs, maxAnswers: warmUpAnswers },
    workloads,
    cluster,
    contestants: contestants.all,
    signal,
    onStep: ({ what, leftMs }) => {
      progress = `${what}; ${Math.ceil(leftMs / 1_000)} s left`;
    },
  });
  return terminal.during(() => progress, measuring);
}
