import { getOperationAST, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { makeServer, type ConnectionInitMessage, type Server } from 'graphql-ws';
import { createDocumentCache, type DocumentOptions } from './documents.js';
import { formatError } from './format-error.js';
import type { OperationSignals } from './operation-signals.js';
import type { Pipeline } from './pipeline.js';

/** What is known of a socket beside its operations. */
export interface SocketOrigin {
  readonly socketId: string;
  readonly signals: OperationSignals;
}

const initTimeoutMs = 3_000;
// Each subscription holds a listener: a console needs a handful of them, not thousands.
const maxOperationsPerSocket = 100;

/**
 * The sub-protocol `graphql-transport-ws`, run by graphql-ws and tied to the pipeline: queries, mutations and
 * subscriptions meet the same rules and the same errors as over HTTP.
 */
export function createSocketProtocol(pipeline: Pipeline, options: DocumentOptions): Server<SocketOrigin> {
  const { schema } = pipeline;
  const prepare = createDocumentCache(schema, options);

  return makeServer<ConnectionInitMessage['payload'], SocketOrigin>({
    connectionInitWaitTimeout: initTimeoutMs,
    onSubscribe({ subscriptions, extra }, id, { query, operationName, variables }) {
      // The new one is among them by now.
      if (Object.keys(subscriptions).length > maxOperationsPerSocket) {
        return [refusal('OVERLOADED', `A socket may run ${maxOperationsPerSocket} operations at once`)];
      }
      const requestId = requestIdOf(extra, id);
      const prepared = prepare(query);
      if ('errors' in prepared) {
        pipeline.handleErrors(prepared.errors, { requestId, document: prepared.document, variables });
        return prepared.errors;
      }
      const { document } = prepared;
      if (getOperationAST(document, operationName) == null) {
        return [refusal('OPERATION_RESOLUTION_FAILURE', 'The document has no such operation')];
      }
      const signal = extra.signals.open(id);
      const contextValue = pipeline.createContext({ requestId, idempotencyKey: null, signal });
      return { schema, document, operationName, variableValues: variables, contextValue };
    },
    onNext({ extra }, id, { variables }, { document }, { data, errors, extensions }) {
      if (errors === undefined) return undefined;
      pipeline.handleErrors(errors, { requestId: requestIdOf(extra, id), document, variables });
      return {
        ...(data !== undefined && { data }),
        ...(extensions && { extensions }),
        errors: formatErrors(errors),
      };
    },
    onComplete({ extra }, id) {
      extra.signals.end(id);
    },
    // Also what a source of events throws comes here, and nobody has seen that yet.
    onError({ extra }, id, { variables }, errors) {
      extra.signals.end(id);
      pipeline.handleErrors(errors, { requestId: requestIdOf(extra, id), document: null, variables });
      return formatErrors(errors);
    },
  });
}

function formatErrors(errors: readonly GraphQLError[]): GraphQLFormattedError[] {
  return errors.map((error) => formatError(error.toJSON(), error));
}

function requestIdOf({ socketId }: SocketOrigin, operationId: string): string {
  return `${socketId}:${operationId}`;
}

function refusal(code: 'OVERLOADED' | 'OPERATION_RESOLUTION_FAILURE', message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
