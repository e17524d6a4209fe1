import {
  getOperationAST,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
} from 'graphql';
import { createDocumentCache, type DocumentOptions } from './documents.js';
import { formatError } from './format-error.js';
import type { FailedOperation, GatewayContext, Origin, Pipeline } from './pipeline.js';

/** What a client sends, whatever the transport. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An operation that may be executed. */
export interface PreparedOperation extends ExecutionArgs {
  readonly contextValue: GatewayContext;
}

/** A result as the libraries hand it around. */
export type OperationResult = { readonly [Key in keyof ExecutionResult]: ExecutionResult[Key] | undefined };

/** What Apollo Server does for operations over HTTP, for the transports that it does not serve: in the same order, with the same errors. */
export interface Operations {
  /** The operation with its context, or why it cannot be executed: errors that have been explained and logged. */
  prepare(request: OperationRequest, origin: Origin): PreparedOperation | readonly GraphQLError[];
  /** What a client may see of a result. Logs what it may not. */
  formatResult(result: OperationResult, operation: FailedOperation): FormattedExecutionResult;
  formatErrors(errors: readonly GraphQLError[], operation: FailedOperation): GraphQLFormattedError[];
}

export function createOperations(pipeline: Pipeline, options: DocumentOptions): Operations {
  const { schema } = pipeline;
  const prepareDocument = createDocumentCache(schema, options);

  function formatErrors(
    errors: readonly GraphQLError[],
    operation: FailedOperation,
  ): GraphQLFormattedError[] {
    pipeline.handleErrors(errors, operation);
    return errors.map((error) => formatError(error.toJSON(), error));
  }

  return {
    prepare({ query, operationName, variables }, origin) {
      const prepared = prepareDocument(query);
      if ('errors' in prepared) {
        const { document, errors } = prepared;
        pipeline.handleErrors(errors, { requestId: origin.requestId, document, variables });
        return errors;
      }
      const { document } = prepared;
      const operation = getOperationAST(document, operationName);
      if (operation == null) return [unresolved(operationName)];
      const contextValue = pipeline.createContext(origin);
      const refusal = pipeline.admit({ document, operation, variables }, contextValue);
      if (refusal !== null) return [refusal];
      return { schema, document, operationName, variableValues: variables, contextValue };
    },
    formatResult({ data, errors, extensions }, operation) {
      return {
        ...(errors && { errors: formatErrors(errors, operation) }),
        ...(data !== undefined && { data }),
        ...(extensions && { extensions }),
      };
    },
    formatErrors,
  };
}

/** In the words of the library, as Apollo Server answers. */
function unresolved(operationName: string | null | undefined): GraphQLError {
  const message =
    operationName == null
      ? 'Must provide operation name if query contains multiple operations.'
      : `Unknown operation named "${operationName}".`;
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
