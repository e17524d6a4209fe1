import { Histogram, type Registry } from 'prom-client';
import type { OpenReplicaSet } from '../replicaset/open-replica-set.js';
import { Children } from './children.js';
import { durationBuckets, prefix } from './conventions.js';

/** Times calls to the nodes. The functions are those that the gateway has; no text of a client is among the labels. */
export function observeCalls(registry: Registry, { onCall }: Pick<OpenReplicaSet, 'onCall'>): () => void {
  const durations = new Histogram({
    name: `${prefix}node_call_duration_seconds`,
    help: 'Calls of functions on a node, from sending to its answer or its loss.',
    labelNames: ['node', 'function'],
    buckets: durationBuckets,
    registers: [],
  });
  registry.registerMetric(durations);
  const times = new Children((node: string, fn: string) => durations.labels({ node, function: fn }));
  return onCall(({ node, fn, durationMs }) => times.get(node, fn).observe(durationMs / 1_000));
}
