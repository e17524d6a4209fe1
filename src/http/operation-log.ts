import { createHash } from 'node:crypto';
import { OperationTypeNode } from 'graphql';
import type { Logger } from 'pino';
import type { Clock } from '../clock.js';
import { LineBudget } from './line-budget.js';
import type { ObservedOperation, OperationEnding, OperationObserver } from './operation-record.js';

export interface OperationLogOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** A query or a mutation that takes as long is told of; 0 for none. */
  readonly slowMs: number;
}

/** Enough to know what is going on; the metrics count all of them. */
const linesPerSecond = 20;
/** Names are the clients' to choose, and a document may be long. */
const longestName = 100;

/** Errors that are the service's to mend, not the client's. */
const failures: ReadonlySet<string> = new Set([
  'CLUSTER_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'INTERNAL_SERVER_ERROR',
  'OUTCOME_UNKNOWN',
  'OVERLOADED',
]);

/**
 * A line for each operation that failed for a reason that is not its client's, and for each that was slow, within bounds; at
 * the level `debug` for every other as well. Never its text, which may hold what was asked for, nor its variables.
 */
export function logOperations({ logger, clock, slowMs }: OperationLogOptions): OperationObserver {
  const budget = new LineBudget(linesPerSecond, clock);
  const patienceMs = slowMs === 0 ? Infinity : slowMs;

  function write(level: 'info' | 'warn', details: () => object, message: string): void {
    if (!logger.isLevelEnabled(level)) return;
    const keptBack = budget.take();
    if (keptBack !== null) logger[level]({ ...details(), ...(keptBack > 0 && { keptBack }) }, message);
  }

  return {
    happened(operation, codes) {
      if (!codes.some((code) => failures.has(code))) return;
      write('warn', () => ({ ...describeOperation(operation), codes }), 'An event could not be told');
    },
    ended(operation, ending) {
      const { codes, durationMs } = ending;
      const details = () => ({ ...describeOperation(operation), ...describeEnding(ending) });
      if (codes.some((code) => failures.has(code))) write('warn', details, 'An operation failed');
      else if (durationMs >= patienceMs && !isSubscription(operation))
        write('info', details, 'An operation was slow');
      else if (logger.isLevelEnabled('debug')) logger.debug(details(), 'An operation ended');
    },
  };
}

/** What an operation is called in a log. */
export function describeOperation(operation: ObservedOperation): object {
  const { requestId, transport, definition, text, subject } = operation;
  return {
    requestId,
    transport,
    subject,
    kind: definition?.operation ?? null,
    operation: definition?.name?.value.slice(0, longestName) ?? null,
    // As clients of persisted queries know it.
    documentHash: text === null ? null : createHash('sha256').update(text).digest('hex'),
  };
}

const describeEnding = ({ durationMs, codes }: OperationEnding): object => ({
  durationMs: Math.round(durationMs * 10) / 10,
  codes,
});

const isSubscription = ({ definition }: ObservedOperation): boolean =>
  definition?.operation === OperationTypeNode.SUBSCRIPTION;
