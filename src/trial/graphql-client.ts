import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** An error as a client sees it. */
export interface GraphQLProblem {
  readonly code: string;
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/**
 * What a client knows when it has asked.
 *
 * | kind | meaning |
 * | --- | --- |
 * | `data` | the answer, without an error in it |
 * | `refused` | the gateway answered with errors; `code` is that of the first |
 * | `unanswered` | there was no answer of a gateway's: the connection broke, or it was given up |
 */
export type GraphQLAnswer =
  | { readonly kind: 'data'; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly code: string; readonly problems: readonly GraphQLProblem[] }
  | { readonly kind: 'unanswered'; readonly problem: string };

/** One operation; `signal` gives it up. */
export interface GraphQLRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

/** What a subscription tells. `onEvent` gets the value of its only field. */
export interface SubscriptionSink {
  readonly onEvent: (value: unknown) => void;
  /** Once, when it is over for whatever reason; null when it was ended by either side in order. */
  readonly onEnd: (problem: string | null) => void;
}

/** A client of one gateway, as a front end would have it: HTTP with connections kept open, and a WebSocket on demand. */
export class GraphQLClient {
  readonly #url: string;
  readonly #socketUrl: string;
  readonly #sockets = new Set<Client>();

  /** `url` as the gateway tells it, such as `http://127.0.0.1:4000`. */
  constructor(url: string) {
    this.#url = `${url}/graphql`;
    this.#socketUrl = this.#url.replace(/^http/, 'ws');
  }

  /** Asks once, and repeats nothing. Never rejects. */
  async ask({ query, variables, signal }: GraphQLRequest): Promise<GraphQLAnswer> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
        ...(signal && { signal }),
      });
      return parseAnswer(await response.text());
    } catch (error) {
      return { kind: 'unanswered', problem: describe(error) };
    }
  }

  /** Subscribes over a WebSocket of its own, which is never opened again by itself. Returns the way to end it. */
  subscribe(query: string, { onEvent, onEnd }: SubscriptionSink): () => Promise<void> {
    const socket = createClient({ url: this.#socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    this.#sockets.add(socket);
    const end = async (): Promise<void> => {
      this.#sockets.delete(socket);
      await socket.dispose();
    };
    let hasEnded = false;
    const tellEnd = (problem: string | null): void => {
      if (!hasEnded) onEnd(problem);
      hasEnded = true;
      void end();
    };
    socket.subscribe(
      { query },
      {
        next: ({ data, errors }) => {
          if (errors === undefined) onEvent(Object.values(data ?? {})[0]);
          else tellEnd(errors.map(({ message }) => message).join('; '));
        },
        error: (error) => tellEnd(describe(error)),
        complete: () => tellEnd(null),
      },
    );
    return end;
  }

  /** Ends every subscription. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) await socket.dispose();
    this.#sockets.clear();
  }
}

/** @throws SyntaxError when it is no JSON, TypeError when it is no answer of GraphQL's */
function parseAnswer(text: string): GraphQLAnswer {
  const body: unknown = JSON.parse(text);
  const { data, errors } = asMap(body);
  if (Array.isArray(errors) && errors.length > 0) {
    const problems = errors.map(parseProblem);
    return { kind: 'refused', code: problems[0]?.code ?? '', problems };
  }
  if (typeof data !== 'object' || data === null) throw new TypeError(`Not an answer: ${text.slice(0, 200)}`);
  return { kind: 'data', data: asMap(data) };
}

function parseProblem(error: unknown): GraphQLProblem {
  const { message, extensions } = asMap(error);
  const details = asMap(extensions);
  return { code: String(details['code']), message: String(message), extensions: details };
}

const asMap = (value: unknown): Readonly<Record<string, unknown>> => ({ ...Object(value) });

/** fetch() says only that it failed: the cause says why. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
