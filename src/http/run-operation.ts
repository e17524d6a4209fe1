import { execute, getOperationAST, GraphQLError, OperationTypeNode, type ExecutionResult } from 'graphql';
import { asError } from '../as-error.js';
import { executePlan } from '../execution/execute-plan.js';
import type { CancelSignal } from '../replicaset/replica-set.js';
import type { OperationRecord } from './operation-record.js';
import type { Operations, PreparedOperation } from './operations.js';
import type { Subscriptions } from './subscriptions.js';

export interface Run {
  readonly operations: Operations;
  readonly subscriptions: Subscriptions;
  readonly record: OperationRecord;
  /** Sends a result, which is JSON, to the client; the next one is not asked for before it has resolved. */
  readonly next: (result: string) => Promise<void>;
}

/**
 * Executes what was prepared and hands on each of its results, or why there are none. Resolves when it is over: answered,
 * ended by its source, or given up by its client. Never rejects.
 */
export async function runOperation(
  prepared: PreparedOperation | readonly GraphQLError[],
  { operations, subscriptions, record, next }: Run,
): Promise<void> {
  if (!('document' in prepared)) {
    const errors = operations.formatErrors(prepared, { record, document: null, variables: null });
    return next(JSON.stringify({ errors }));
  }
  const { document, variableValues: variables, contextValue } = prepared;
  const failed = { record, document, variables };
  try {
    const result = isSubscription(prepared)
      ? await subscriptions.open(prepared)
      : await executePrepared(prepared);
    if (!(Symbol.asyncIterator in result))
      return await next(JSON.stringify(operations.formatResult(result, failed)));
    for await (const text of untilAborted(result, contextValue.signal)) await next(text);
  } catch (error) {
    // What a source of events throws: nobody has seen that yet.
    const errors = [new GraphQLError(String(error), { originalError: asError(error) })];
    await next(JSON.stringify({ errors: operations.formatErrors(errors, failed) }));
  } finally {
    record.end();
  }
}

/** Rejects, or throws, only what is a defect of ours. */
export function executePrepared(operation: PreparedOperation): ExecutionResult | Promise<ExecutionResult> {
  const { plan, contextValue, variableValues, hideSuggestions } = operation;
  return plan === null
    ? Promise.resolve(execute(operation))
    : executePlan(plan, { contextValue, variableValues, hideSuggestions });
}

export function isSubscription(operation: PreparedOperation): boolean {
  const { document, operationName } = operation;
  return getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
}

/** The same events. The source is left at once when nobody wants them any more, also while it waits for the next. */
function untilAborted<T>(events: AsyncGenerator<T>, signal: CancelSignal): AsyncGenerator<T> {
  const leave = () => void events.return(undefined);
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  return events;
}
