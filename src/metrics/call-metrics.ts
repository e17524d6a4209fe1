import { Counter, Histogram, type Registry } from 'prom-client';
import type { OpenReplicaSet } from '../replicaset/open-replica-set.js';
import { Children } from './children.js';
import { durationBuckets, prefix } from './conventions.js';

/** Times calls to the nodes, and counts those that failed and those that are repetitions. The functions are those that the gateway has; no text of a client is among the labels. */
export function observeCalls(registry: Registry, { onCall }: Pick<OpenReplicaSet, 'onCall'>): () => void {
  const durations = new Histogram({
    name: `${prefix}node_call_duration_seconds`,
    help: 'Calls of functions on a node, from sending to its answer or its loss.',
    labelNames: ['node', 'function'],
    buckets: durationBuckets,
    registers: [],
  });
  const failures = new Counter({
    name: `${prefix}node_call_failures_total`,
    help: 'Calls of functions on a node that failed, by the reason; most are repeated on whoever leads then.',
    labelNames: ['node', 'reason'],
    registers: [],
  });
  const retries = new Counter({
    name: `${prefix}retries_total`,
    help: 'Calls that repeat one that failed, by function.',
    labelNames: ['function'],
    registers: [],
  });
  registry.registerMetric(durations);
  registry.registerMetric(failures);
  registry.registerMetric(retries);
  const times = new Children((node: string, fn: string) => durations.labels({ node, function: fn }));
  return onCall(({ node, fn, attempt, durationMs, failure }) => {
    times.get(node, fn).observe(durationMs / 1_000);
    if (failure !== null) failures.inc({ node, reason: failure.code });
    if (attempt > 1) retries.inc({ function: fn });
  });
}
