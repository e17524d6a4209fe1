import { once } from 'node:events';
import type { Configuration } from '../configuration.js';
import { openLog } from '../log.js';
import { gatherMetrics } from '../metrics/metrics.js';
import { MetricsServer } from '../metrics/metrics-server.js';
import { ReleaseStack } from '../release-stack.js';
import type { Ending } from '../run-command.js';
import { Crew } from './crew.js';

/** The system needs a moment to end a process that has stopped. */
const exitMs = 2_000;

export interface SuperviseOptions {
  readonly ending: Ending;
  /** How much longer than its settings say a worker may take to stop. */
  readonly patienceMs: number;
}

/** Has workers serve, until it is told to end; then they answer what is under way. Resolves to the exit code. */
export async function superviseWorkers(
  { settings }: Configuration,
  { ending, patienceMs }: SuperviseOptions,
): Promise<number> {
  const { workers: count, metricsAddress, stopDelayMs, stopTimeoutMs } = settings;
  const { signal } = ending;
  const logger = await openLog(settings, process.stdout);
  const releases = new ReleaseStack();
  const stopWithinMs = stopDelayMs + stopTimeoutMs + patienceMs + exitMs;
  const crew = new Crew({ count, logger, stopWithinMs });
  ending.onForced = () => crew.kill();
  if (!process.stdout.isTTY) ending.onHangUp = () => crew.tell({ kind: 'read-config' });
  try {
    if (metricsAddress !== null) {
      const metrics = new MetricsServer(gatherMetrics(), metricsAddress);
      releases.push(() => metrics.stop());
      const { url } = await metrics.start();
      logger.info({ url }, `Metrics of all workers at ${url}`);
    }
    releases.push(() => crew.stop());
    const stopped = signal.aborted ? Promise.resolve() : once(signal, 'abort');
    const isServing = await Promise.race([crew.start(), stopped.then(() => true)]);
    if (!isServing) return 1;
    logger.info({ workers: count }, `The first of ${count} workers serves`);
    const isFailure = await Promise.race([crew.failure.then(() => true), stopped.then(() => false)]);
    return isFailure ? 1 : 0;
  } finally {
    await releases.releaseAll();
  }
}
