import { createClient as createStreamClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { SubscriptionClient } from 'subscriptions-transport-ws';
import { WebSocket } from 'ws';
import type { GatewayUnderTest } from './gateway-under-test.js';

export interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
  readonly extensions?: Record<string, unknown>;
}

/** What a client gets: the same members whatever the transport. */
export interface Result {
  readonly data?: unknown;
  readonly errors?: unknown;
}

/** A way to talk to the gateway, through the client library that people use for it. */
export interface Transport {
  /** All results of an operation, until it is over. */
  run(operation: Operation): Promise<readonly Result[]>;
  /** Listens until `leave` is called; `results` grows. */
  listen(operation: Operation): { readonly results: readonly Result[]; readonly leave: () => void };
  dispose(): void;
}

/** What a client shows of itself. */
export interface Shown {
  /** The value of the header, or of the field of that name in `connection_init`. */
  readonly authorization?: string;
}

interface Sink {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

type Subscribe = (operation: Operation, sink: Sink) => () => void;

function transport(subscribe: Subscribe, dispose: () => void): Transport {
  return {
    run: (operation) =>
      new Promise((resolve, reject) => {
        const results: Result[] = [];
        subscribe(operation, {
          next: (result) => results.push(result),
          error: (error) => (isErrors(error) ? resolve([...results, { errors: error }]) : reject(error)),
          complete: () => resolve(results),
        });
      }),
    listen(operation) {
      const results: Result[] = [];
      const leave = subscribe(operation, {
        next: (result) => results.push(result),
        error: (error) => results.push({ errors: error }),
        complete: () => undefined,
      });
      return { results, leave };
    },
    dispose,
  };
}

/** Of operations that were refused as a whole. All else that a client calls an error has to do with the connection. */
const isErrors = (error: unknown): error is unknown[] => Array.isArray(error);

/** A query or mutation by POST, as `fetch` sends it. */
export function overHttp({ url }: GatewayUnderTest, shown: Shown = {}): Transport {
  async function ask(operation: Operation, sink: Sink, signal: AbortSignal): Promise<void> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...shown },
      body: JSON.stringify(operation),
      signal,
    });
    sink.next(JSON.parse(await response.text()));
    sink.complete();
  }
  return transport(
    (operation, sink) => {
      const client = new AbortController();
      ask(operation, sink, client.signal).catch((error: unknown) => sink.error(error));
      return () => client.abort();
    },
    () => undefined,
  );
}

/** `graphql-transport-ws`, by graphql-ws. */
export function overSocket({ socketUrl }: GatewayUnderTest, shown: Shown = {}): Transport {
  const client = createSocketClient({
    url: socketUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { ...shown },
  });
  return transport(
    (operation, sink) => client.subscribe(operation, sink),
    () => void client.dispose(),
  );
}

/** `graphql-ws`, by the library that GraphQL Playground is built with. */
export function overLegacySocket({ socketUrl }: GatewayUnderTest, shown: Shown = {}): Transport {
  const options = { reconnect: false, connectionParams: { ...shown } };
  const client = new SubscriptionClient(socketUrl, options, WebSocket);
  return transport(
    (operation, sink) => {
      const subscription = client.request({ ...operation }).subscribe({
        next: (result) => sink.next(plainErrors(result)),
        // Of the errors of a refusal it hands on the first.
        error: (error: unknown) => sink.error([error]),
        complete: () => sink.complete(),
      });
      return () => subscription.unsubscribe();
    },
    () => client.close(),
  );
}

/** It makes of each error an object with the same members and none of JSON's order. */
const plainErrors = (result: Result): Result => JSON.parse(JSON.stringify(result));

/** Server-sent events, by graphql-sse: a connection for each operation, or one for all. */
export function overStream(
  { url }: GatewayUnderTest,
  { single, ...headers }: Shown & { single: boolean },
): Transport {
  const client = createStreamClient({
    url: `${url}/graphql/stream`,
    singleConnection: single,
    retryAttempts: 0,
    headers,
  });
  return transport(
    (operation, sink) => client.subscribe(operation, sink),
    () => client.dispose(),
  );
}

/** All of them, by short names. */
export const transports = [
  { name: 'http', open: overHttp },
  { name: 'socket', open: overSocket },
  { name: 'legacy', open: overLegacySocket },
  { name: 'streams', open: (to: GatewayUnderTest) => overStream(to, { single: false }) },
  { name: 'oneStream', open: (to: GatewayUnderTest) => overStream(to, { single: true }) },
] as const;

/** A refusal of the older protocol has room for one error. */
export const asLegacy = ([result]: readonly Result[]): readonly Result[] =>
  result !== undefined && result.data === undefined && Array.isArray(result.errors)
    ? [{ errors: result.errors.slice(0, 1) }]
    : [result ?? {}];
