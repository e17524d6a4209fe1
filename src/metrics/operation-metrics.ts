import { OperationTypeNode } from 'graphql';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { errorCodes } from '../http/error-codes.js';
import type { OperationObserver } from '../http/operation-record.js';
import type { Transport } from '../http/transport.js';
import { Children } from './children.js';
import { durationBuckets, prefix } from './conventions.js';
import { mutationOutcomeOf, mutationOutcomes } from './mutation-outcome.js';

/** Of an operation that was refused before it was found out, `unknown`. */
type Kind = OperationTypeNode | 'unknown';

/**
 * Counts operations. Neither what clients write nor who they are becomes a label: whoever can send an operation could fill
 * the memory of Prometheus with it.
 */
export function observeOperations(registry: Registry): OperationObserver {
  const operations = new Counter({
    name: `${prefix}operations_total`,
    help: 'Operations that ended, refused ones included; of kind unknown where that was never found out.',
    labelNames: ['transport', 'kind'],
    registers: [],
  });
  const durations = new Histogram({
    name: `${prefix}operation_duration_seconds`,
    help: 'From the door to the result, of queries and mutations that were not refused.',
    labelNames: ['transport', 'kind'],
    buckets: durationBuckets,
    registers: [],
  });
  const subscriptions = new Gauge({
    name: `${prefix}subscriptions`,
    help: 'Subscriptions that are open now.',
    labelNames: ['transport'],
    registers: [],
  });
  const errors = new Counter({
    name: `${prefix}errors_total`,
    help: 'Errors that clients were told, by code.',
    labelNames: ['code'],
    registers: [],
  });
  const mutations = new Counter({
    name: `${prefix}mutations_total`,
    help: 'Mutations that were not refused at the door, by what became of them.',
    labelNames: ['outcome'],
    registers: [],
  });
  registry.registerMetric(operations);
  registry.registerMetric(mutations);
  registry.registerMetric(durations);
  registry.registerMetric(subscriptions);
  registry.registerMetric(errors);

  // A rule that watches for the first error of a kind must have seen none before.
  for (const code of Object.keys(errorCodes)) errors.inc({ code }, 0);
  for (const outcome of mutationOutcomes) mutations.inc({ outcome }, 0);

  const counts = new Children((transport: Transport, kind: Kind) => operations.labels({ transport, kind }));
  const times = new Children((transport: Transport, kind: Kind) => durations.labels({ transport, kind }));
  const count = (codes: readonly string[]) => {
    for (const code of codes) errors.inc({ code });
  };

  return {
    admitted({ transport, definition }) {
      if (definition?.operation === OperationTypeNode.SUBSCRIPTION) subscriptions.inc({ transport });
    },
    happened: (_operation, codes) => count(codes),
    turnedAway: (code) => errors.inc({ code }),
    ended({ transport, definition, isAdmitted }, { codes, durationMs }) {
      const kind = definition?.operation ?? 'unknown';
      counts.get(transport, kind).inc();
      count(codes);
      if (!isAdmitted) return;
      if (kind === OperationTypeNode.MUTATION) mutations.inc({ outcome: mutationOutcomeOf(codes) });
      if (kind === OperationTypeNode.SUBSCRIPTION) subscriptions.dec({ transport });
      else times.get(transport, kind).observe(durationMs / 1_000);
    },
  };
}
