import { GraphQLError } from 'graphql';
import { makeServer, type ConnectionInitMessage, type Server } from 'graphql-ws';
import type { OperationSignals } from './operation-signals.js';
import type { Operations } from './operations.js';

/** What is known of a socket beside its operations. */
export interface SocketOrigin {
  readonly socketId: string;
  readonly signals: OperationSignals;
}

/** How long a client may take to begin, once it is connected. */
export const initTimeoutMs = 3_000;
/** Of one socket or event stream. Each subscription holds a listener: a console needs a handful of them, not thousands. */
export const maxOperations = 100;

/**
 * The sub-protocol `graphql-transport-ws`, run by graphql-ws and tied to the pipeline: queries, mutations and
 * subscriptions meet the same rules and the same errors as over HTTP.
 */
export function createSocketProtocol(operations: Operations): Server<SocketOrigin> {
  return makeServer<ConnectionInitMessage['payload'], SocketOrigin>({
    connectionInitWaitTimeout: initTimeoutMs,
    onSubscribe({ subscriptions, extra }, id, request) {
      // The new one is among them by now.
      if (Object.keys(subscriptions).length > maxOperations) {
        const message = `A socket may run ${maxOperations} operations at once`;
        return [new GraphQLError(message, { extensions: { code: 'OVERLOADED' } })];
      }
      const signal = extra.signals.open(id);
      return operations.prepare(request, { requestId: requestIdOf(extra, id), idempotencyKey: null, signal });
    },
    onNext({ extra }, id, { variables }, { document }, result) {
      if (result.errors === undefined) return undefined;
      return operations.formatResult(result, { requestId: requestIdOf(extra, id), document, variables });
    },
    onComplete({ extra }, id) {
      extra.signals.end(id);
    },
    // Also what a source of events throws comes here, and nobody has seen that yet.
    onError({ extra }, id, { variables }, errors) {
      extra.signals.end(id);
      return operations.formatErrors(errors, {
        requestId: requestIdOf(extra, id),
        document: null,
        variables,
      });
    },
  });
}

function requestIdOf({ socketId }: SocketOrigin, operationId: string): string {
  return `${socketId}:${operationId}`;
}
