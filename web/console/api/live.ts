import { createClient } from 'graphql-ws';
import type { LiveEvent } from '../state/live-state.js';
import { ask } from './ask.js';
import type { Operation } from './operation.js';
import { LeadershipChanged, LeadershipHistory, TopologyChanged, TopologyNow } from './operations.js';

/** What only ages (lag, uptime) is no event of the subscription: it is asked for while somebody looks. */
const refreshMs = 1_000;
/** As many as the strip can show and the list can hold. */
const historyLength = 200;

/** Quick at first, for a gateway that is restarted; then at most every three seconds, with some chance in it. */
const waitToRetry = (retries: number): Promise<void> => {
  const baseMs = Math.min(3_000, 150 * 2 ** retries);
  return new Promise((resolve) => setTimeout(resolve, baseMs * (0.75 + Math.random() / 2)));
};

/**
 * Keeps an eye on the cluster through the gateway's two subscriptions, over one WebSocket that is opened again whenever
 * it breaks. What was missed meanwhile is asked for. Returns the way to stop.
 */
export function watchCluster(tell: (event: LiveEvent) => void): () => void {
  const url = new URL('./graphql', document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  let pongLimit = 0;
  let expected = 0;
  const client = createClient({
    url: url.href,
    lazy: false,
    keepAlive: 5_000,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: waitToRetry,
    // Told by `closed`, below.
    onNonLazyError: () => {},
    on: {
      connected: () => tell({ kind: 'connected' }),
      closed: () => tell({ kind: 'disconnected', at: Date.now() }),
      // The gateway is gone without a word, for instance behind a network that swallows all.
      ping: (received) => {
        if (!received) pongLimit = window.setTimeout(() => client.terminate(), refreshMs * 2);
      },
      pong: (received) => {
        if (received) window.clearTimeout(pongLimit);
      },
    },
  });

  function listen<Result>(operation: Operation<Result, Record<string, never>>, next: (data: Result) => void) {
    return client.subscribe<Result>(
      { query: operation.text, operationName: operation.name },
      { next: ({ data }) => data != null && next(data), error: () => {}, complete: () => {} },
    );
  }

  /** What was not heard while the socket was away, or was left out because this page was slow. */
  async function fillIn(): Promise<void> {
    const { leadershipHistory } = await ask(LeadershipHistory, { last: historyLength });
    tell({ kind: 'history', changes: leadershipHistory });
  }

  // Told first on every connection: then what was missed is asked for.
  const leave = [
    listen(TopologyChanged, ({ topologyChanged }) => tell({ kind: 'topology', topology: topologyChanged })),
    listen(LeadershipChanged, ({ leadershipChanged: change }) => {
      tell({ kind: 'change', change, at: Date.now() });
      if (change.kind === 'CURRENT' || change.sequence > expected) fillIn().catch(() => {});
      expected = change.sequence + 1;
    }),
  ];

  let isLooking = false;
  async function look(): Promise<void> {
    // A gateway that is frozen answers nothing: what would be asked meanwhile would only pile up.
    if (isLooking) return;
    isLooking = true;
    try {
      const { topology } = await ask(TopologyNow, {});
      tell({ kind: 'topology', topology });
    } catch {
      // That the gateway is gone is told by the WebSocket.
    } finally {
      isLooking = false;
    }
  }
  // At once, too: an answer is there before a WebSocket is open.
  void look();
  const refresh = window.setInterval(() => {
    if (!document.hidden) void look();
  }, refreshMs);

  return () => {
    window.clearInterval(refresh);
    window.clearTimeout(pongLimit);
    for (const stop of leave) stop();
    void client.dispose();
  };
}
