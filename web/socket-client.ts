import { type Client, TerminatedCloseEvent, createClient } from 'graphql-ws';
import { credentialsOf } from './credentials.js';

/** Whether the gateway can be heard. Told when that changes. */
export type SocketNews = 'connected' | 'lost';

export interface SocketOptions {
  /** Of the gateway's GraphQL API, over HTTP. */
  readonly url: string;
  readonly tell: (news: SocketNews) => void;
  /** What the gateway knows its reader by; null where it does not ask. */
  readonly token: string | null;
  /** Told, once, why the gateway does not take the token, or not any more. */
  readonly refused: (reason: string) => void;
}

/** The token is not good, has expired, or is missing: asked again, the gateway would say so again. */
const refusedCode = 4403;
/** A gateway that is frozen still has its kernel take connections, but nobody answers on them. */
const connectWithinMs = 4_000;
const pingEveryMs = 5_000;
/** After a change of networks nothing comes back, not even that the connection is closed. */
const pongWithinMs = 2_000;

/** Quick at first, for a gateway that is restarted; then some three seconds, not the same for all. `chance` is from 0 to 1. */
export const pauseMs = (retries: number, chance: number): number =>
  Math.min(3_000, 150 * 2 ** retries) * (0.75 + chance / 2);

export const pause = (retries: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, pauseMs(retries, Math.random())));

/**
 * A WebSocket that is always open, or about to be: whatever ends it, it is opened again, for ever, and every operation is
 * asked anew. An operation fails only by an answer of the gateway. When that is that it does not take the token, all is
 * over: another token needs another client.
 */
export function createSocketClient({ url, tell, token, refused }: SocketOptions): Client {
  let isRefused = false;
  let last: SocketNews | null = null;
  const become = (news: SocketNews) => {
    if (news === last) return;
    last = news;
    tell(news);
  };
  let silence: ReturnType<typeof setTimeout> | undefined;
  const giveUpAfter = (ms: number) => {
    clearTimeout(silence);
    silence = setTimeout(() => client.terminate(), ms);
  };
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    lazy: false,
    keepAlive: pingEveryMs,
    retryAttempts: Infinity,
    shouldRetry: () => !isRefused,
    connectionParams: credentialsOf(token),
    retryWait: pause,
    // Told by `closed`.
    onNonLazyError: () => {},
    on: {
      connecting: () => giveUpAfter(connectWithinMs),
      connected: () => {
        clearTimeout(silence);
        become('connected');
      },
      ping: (received) => {
        if (!received) giveUpAfter(pongWithinMs);
      },
      pong: (received) => {
        if (received) clearTimeout(silence);
      },
      closed: (event) => {
        clearTimeout(silence);
        if (isClose(event) && event.code === refusedCode) {
          isRefused = true;
          return refused(event.reason);
        }
        become('lost');
        // The library takes some reasons for final, such as the 1011 of a proxy. What was terminated it tries again.
        if (!(event instanceof TerminatedCloseEvent)) client.terminate();
      },
    },
  });
  return client;
}

/** How a socket says that it was closed. */
const isClose = (event: unknown): event is { readonly code: unknown; readonly reason: string } =>
  typeof event === 'object' &&
  event !== null &&
  'code' in event &&
  'reason' in event &&
  typeof event.reason === 'string';
