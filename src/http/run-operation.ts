import {
  execute,
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  subscribe,
  type ExecutionResult,
  type FormattedExecutionResult,
} from 'graphql';
import { executePlan } from '../execution/execute-plan.js';
import type { OperationRecord } from './operation-record.js';
import type { Operations, PreparedOperation } from './operations.js';

export interface Run {
  readonly operations: Operations;
  readonly record: OperationRecord;
  /** Sends a result to the client; the next one is not asked for before it has resolved. */
  readonly next: (result: FormattedExecutionResult) => Promise<void>;
}

/**
 * Executes what was prepared and hands on each of its results, or why there are none. Resolves when it is over: answered,
 * ended by its source, or given up by its client. Never rejects.
 */
export async function runOperation(
  prepared: PreparedOperation | readonly GraphQLError[],
  { operations, record, next }: Run,
): Promise<void> {
  if (!('document' in prepared)) {
    return next({
      errors: operations.formatErrors(prepared, { record, document: null, variables: null }),
    });
  }
  const { document, variableValues: variables, contextValue } = prepared;
  const failed = { record, document, variables };
  try {
    const result = isSubscription(prepared) ? await subscribe(prepared) : await executePrepared(prepared);
    if (!(Symbol.asyncIterator in result)) return await next(operations.formatResult(result, failed));
    for await (const event of untilAborted(result, contextValue.signal)) {
      await next(operations.formatResult(event, failed));
    }
  } catch (error) {
    // What a source of events throws: nobody has seen that yet.
    const errors = [new GraphQLError(String(error), { originalError: asError(error) })];
    await next({ errors: operations.formatErrors(errors, failed) });
  } finally {
    record.end();
  }
}

/** Rejects, or throws, only what is a defect of ours. */
export function executePrepared(operation: PreparedOperation): ExecutionResult | Promise<ExecutionResult> {
  const { plan, contextValue, variableValues } = operation;
  return plan === null
    ? Promise.resolve(execute(operation))
    : executePlan(plan, { contextValue, variableValues });
}

export function isSubscription(operation: PreparedOperation): boolean {
  const { document, operationName } = operation;
  return getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
}

/** The same events. The source is left at once when nobody wants them any more, also while it waits for the next. */
function untilAborted(
  events: AsyncGenerator<ExecutionResult>,
  signal: AbortSignal,
): AsyncGenerator<ExecutionResult> {
  const leave = () => void events.return(undefined);
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  return events;
}

const asError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));
