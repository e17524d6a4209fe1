import { type Client, type ClientOptions, createClient } from 'graphql-ws';

export interface SocketOptions {
  /** For Node 20, which has no WebSocket of its own: the one of the package `ws`. */
  readonly webSocketImpl?: unknown;
  /** Told to the gateway with each connection, such as a token. */
  readonly connectionParams?: NonNullable<ClientOptions['connectionParams']>;
}

// A connection on which nothing comes back within this time is taken for dead, as after a change of networks.
const pongWithinMs = 5_000;

/** Connects when there is something to ask, and again, and asks anew, whenever the connection is lost. */
export function createSocketClient(url: string, options: SocketOptions = {}): Client {
  let dead: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    ...options,
    url,
    keepAlive: 10_000,
    retryAttempts: Infinity,
    // Also when nobody listens, as while the gateway is started anew: by default that is final.
    shouldRetry: () => true,
    // The default waits twice as long each time, without end. Not all clients at the same moment.
    retryWait: async (attempts) => {
      const pauseMs = Math.min(100 * 2 ** attempts, 5_000) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    },
    on: {
      ping: (received) => {
        if (!received) dead = setTimeout(() => client.terminate(), pongWithinMs);
      },
      pong: (received) => {
        if (received) clearTimeout(dead);
      },
      closed: () => clearTimeout(dead),
    },
  });
  return client;
}
