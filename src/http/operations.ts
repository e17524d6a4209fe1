import {
  getOperationAST,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
} from 'graphql';
import type { Identity } from '../access/identity.js';
import { createPlanner, type OperationPlan } from '../execution/plan.js';
import { createDocumentCache, type DocumentOptions } from './documents.js';
import { formatError } from './format-error.js';
import { createCostMeter, type MeasuredOperation } from './limits/cost.js';
import { limitExceeded } from './limits/limit-exceeded.js';
import { rateLimited, type RateLimiter } from './limits/rate-limiter.js';
import { OperationRefusal } from './operation-refusal.js';
import type { FailedOperation, GatewayContext, Pipeline } from './pipeline.js';
import { PersistedQueries } from './persisted-queries.js';
import type { TrustedDocuments } from './trusted-documents.js';
import { refuseKind } from './transport.js';

/** What a client sends, whatever the transport. */
export interface OperationRequest {
  readonly query?: string | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An operation that may be executed. */
export interface PreparedOperation extends ExecutionArgs {
  readonly contextValue: GatewayContext;
  /** Null where graphql-js is to execute it. */
  readonly plan: OperationPlan | null;
}

/** A result as the libraries hand it around. */
export type OperationResult = { readonly [Key in keyof ExecutionResult]: ExecutionResult[Key] | undefined };

/**
 * The front half of the way of an operation, and the back half: the same on every transport, in the same order. What comes
 * first costs least, so that whoever asks for too much costs little.
 */
export interface Operations {
  /** The operation as it may be executed, or why it may not be: errors that have been explained and logged. */
  resolve(request: OperationRequest, context: GatewayContext): PreparedOperation | readonly GraphQLError[];
  /** What a client may see of a result. Logs what it may not, and counts it. */
  formatResult(result: OperationResult, operation: FailedOperation): FormattedExecutionResult;
  /** The same for a result that several operations share: the record of each has to be told of it. */
  formatShared(result: OperationResult, operation: FailedOperation): FormattedExecutionResult;
  /** The same for an operation of which there is, or comes, no result. */
  formatErrors(errors: readonly GraphQLError[], operation: FailedOperation): GraphQLFormattedError[];
}

/*
 * What is much work counts as several operations, a millisecond or two of this process each. Else somebody who sends as many as
 * he may, each as large as it may be, would have the thread for himself.
 */
const charactersPerToken = 4_000;
const costPerToken = 1_000;

export interface OperationsOptions extends DocumentOptions {
  /** Null where everybody may ask as often as they like. */
  readonly rateLimiter: RateLimiter | null;
  /** Null where every document may be run. */
  readonly trustedDocuments: TrustedDocuments | null;
}

export function createOperations(pipeline: Pipeline, options: OperationsOptions): Operations {
  const { schema } = pipeline;
  const prepareDocument = createDocumentCache(schema, options);
  const plan = createPlanner(schema);
  const costOf = createCostMeter(schema);
  const { rateLimiter, trustedDocuments } = options;
  const persistedQueries = new PersistedQueries(trustedDocuments);

  function refuseCost(asked: MeasuredOperation, { subject }: Identity): GraphQLError | null {
    const { cost: max } = options.limits;
    const actual = costOf(asked);
    if (actual <= max) {
      rateLimiter?.charge(subject, Math.floor(actual / costPerToken));
      return null;
    }
    const nodes = [asked.operation];
    return limitExceeded('cost', `An operation may have a cost of ${max} at most`, { max, actual, nodes });
  }

  function format(errors: readonly GraphQLError[], operation: FailedOperation): GraphQLFormattedError[] {
    pipeline.handleErrors(errors, operation);
    return errors.map((error) => formatError(error.toJSON(), error));
  }

  function formatShared(
    { data, errors, extensions }: OperationResult,
    operation: FailedOperation,
  ): FormattedExecutionResult {
    return {
      ...(errors && { errors: format(errors, operation) }),
      ...(data !== undefined && { data }),
      ...(extensions && { extensions }),
    };
  }

  return {
    resolve({ query, operationName, variables, extensions }, contextValue) {
      const { record } = contextValue;
      const waitMs = rateLimiter?.take(contextValue.identity.subject) ?? 0;
      if (waitMs > 0) return [rateLimited(waitMs)];
      const found = persistedQueries.find({ query, extensions });
      if (found instanceof GraphQLError) return [found];
      if (found.text === '') return [noQuery()];
      record.text = found.text;
      const prepared = prepareDocument(found.text);
      if (prepared.isNew)
        rateLimiter?.charge(
          contextValue.identity.subject,
          Math.floor(found.text.length / charactersPerToken),
        );
      if ('errors' in prepared) {
        const { document, errors } = prepared;
        pipeline.handleErrors(errors, { record, document, variables });
        return errors;
      }
      const { document } = prepared;
      const operation = getOperationAST(document, operationName);
      if (operation == null) return [unresolved(operationName)];
      record.definition = operation;
      const refusal =
        refuseKind(operation.operation, contextValue) ??
        refuseCost({ document, operation, variables }, contextValue.identity) ??
        pipeline.admit({ document, operation, variables }, contextValue);
      if (refusal !== null) return [refusal];
      persistedQueries.remember(found);
      trustedDocuments?.tell(found.text, operation.name?.value);
      record.admit();
      return {
        schema,
        hideSuggestions: !options.introspection,
        document,
        operationName,
        variableValues: variables,
        contextValue,
        plan: plan(document, operation),
      };
    },
    formatResult(result, operation) {
      const formatted = formatShared(result, operation);
      operation.record.tell(formatted.errors);
      return formatted;
    },
    formatShared,
    formatErrors(errors, operation) {
      const formatted = format(errors, operation);
      operation.record.end(formatted);
      return formatted;
    },
  };
}

const noQuery = (): OperationRefusal =>
  new OperationRefusal('query must be a text', { code: 'BAD_REQUEST' }, { status: 400, headers: {} });

/** In the words of the library. */
function unresolved(operationName: string | null | undefined): GraphQLError {
  const message =
    operationName == null
      ? 'Must provide operation name if query contains multiple operations.'
      : `Unknown operation named "${operationName}".`;
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
