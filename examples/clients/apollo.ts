import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { ServerError, ServerParseError } from '@apollo/client/errors';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import type { Client } from 'graphql-ws';
import { map } from 'rxjs';

/** Queries and mutations over HTTP, repeated when that is safe; subscriptions over the WebSocket of socket.ts. */
export function createApolloClient(url: string, socket: Client): ApolloClient {
  const http = ApolloLink.from([giveKey, retry, throwRetryable, new HttpLink({ uri: url })]);
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    http,
  );
  return new ApolloClient({ link, cache: new InMemoryCache() });
}

// Before the retries: each of them sends the same key, so that a mutation is applied once.
const giveKey = new ApolloLink((operation, forward) => {
  operation.setContext(({ headers }: { headers?: object }) => ({
    headers: { 'idempotency-key': crypto.randomUUID(), ...headers },
  }));
  return forward(operation);
});

// Some 15 s at most, after which the user should be asked; far less than the ten minutes for which a key is remembered.
const retry = new RetryLink({
  delay: { initial: 100, max: 2_000, jitter: true },
  attempts: { max: 12, retryIf: (error) => isRetryable(error) },
});

// A retry link sees what is thrown. An answer with errors is an answer to it.
const throwRetryable = new ApolloLink((operation, forward) =>
  forward(operation).pipe(
    map((result) => {
      if (result.errors === undefined) return result;
      const failure = new CombinedGraphQLErrors(result);
      if (isRetryable(failure)) throw failure;
      return result;
    }),
  ),
);

function isRetryable(error: unknown): boolean {
  if (CombinedGraphQLErrors.is(error)) {
    return error.errors.every(({ extensions }) => extensions?.['retryable'] === true);
  }
  // A proxy that speaks for the gateway; anything else is a broken connection.
  return ServerError.is(error) || ServerParseError.is(error) ? error.statusCode >= 500 : true;
}

/** What to show beside which field of a form: `input.salary`, and the text. Empty when the error belongs to no field. */
export function fieldErrors(error: unknown): ReadonlyMap<string, string> {
  if (!CombinedGraphQLErrors.is(error)) return new Map();
  return new Map(
    error.errors.flatMap(({ message, extensions }) => {
      const field: unknown = extensions?.['field'];
      return typeof field === 'string' ? [[field, message]] : [];
    }),
  );
}
