import { createSocketClient, pause } from '../../socket-client.js';
import { refuseToken, tokenState } from '../../token-store.js';
import type { LiveEvent } from '../state/live-state.js';
import { ApiError } from './api-error.js';
import { ask, endpoint } from './ask.js';
import type { Operation } from './operation.js';
import { LeadershipChanged, LeadershipHistory, TopologyChanged, TopologyNow } from './operations.js';

/** What only ages (lag, uptime) is no event of the subscription: it is asked for while somebody looks. */
const refreshMs = 1_000;
/** As many as the strip can show and the list can hold. */
const historyLength = 200;

/**
 * Keeps an eye on the cluster through the gateway's two subscriptions, over one WebSocket that is opened again whenever
 * it breaks. What was missed meanwhile is asked for. Returns the way to stop.
 */
export function watchCluster(tell: (event: LiveEvent) => void): () => void {
  const over = new AbortController();
  let expected = 0;
  const heard = () => tell({ kind: 'connected' });
  const lost = () => tell({ kind: 'disconnected', at: Date.now() });
  const { token } = tokenState();
  const client = createSocketClient({
    url: endpoint.href,
    token,
    refused: (reason) => refuseToken(token, reason),
    tell: (news) => (news === 'connected' ? heard() : lost()),
  });

  /** Goes on when the gateway has ended a subscription but not the socket: then nothing is heard, either. */
  async function listen<Result>(
    { text: query, name: operationName }: Operation<Result, Record<string, never>>,
    take: (data: Result) => void,
  ): Promise<void> {
    for (let failures = 0; !over.signal.aborted; failures++) {
      const reason = await new Promise<unknown>((resolve) => {
        const next = ({ data }: { data?: Result | null }) => {
          if (data == null) return;
          failures = 0;
          heard();
          take(data);
        };
        const complete = () => resolve(null);
        client.subscribe<Result>({ query, operationName }, { next, error: resolve, complete });
      });
      if (over.signal.aborted) return;
      if (isForbidden(reason)) return tell({ kind: 'forbidden' });
      lost();
      await pause(failures);
    }
  }

  /** What was not heard while the socket was away, or was left out because this page was slow. */
  async function fillIn(): Promise<void> {
    const { leadershipHistory } = await ask(LeadershipHistory, { last: historyLength });
    tell({ kind: 'history', changes: leadershipHistory });
  }

  // Told first on every connection: then what was missed is asked for.
  void listen(TopologyChanged, ({ topologyChanged: topology }) => tell({ kind: 'topology', topology }));
  void listen(LeadershipChanged, ({ leadershipChanged: change }) => {
    tell({ kind: 'change', change, at: Date.now() });
    if (change.kind === 'CURRENT' || change.sequence > expected) fillIn().catch(() => {});
    expected = change.sequence + 1;
  });

  let isLooking = false;
  async function look(): Promise<void> {
    // A gateway that is frozen answers nothing: what would be asked meanwhile would only pile up.
    if (isLooking) return;
    isLooking = true;
    try {
      const { topology } = await ask(TopologyNow, {});
      tell({ kind: 'topology', topology });
    } catch (error) {
      // That the gateway is gone is told by the WebSocket, and that one may not see this as well.
      if (error instanceof ApiError && error.code === 'FORBIDDEN') window.clearInterval(refresh);
    } finally {
      isLooking = false;
    }
  }
  const refresh = window.setInterval(() => {
    if (!document.hidden) void look();
  }, refreshMs);
  // At once, too: an answer is there before a WebSocket is open.
  void look();

  return () => {
    over.abort();
    window.clearInterval(refresh);
    // One that is just about to connect fails.
    Promise.resolve(client.dispose()).catch(() => {});
  };
}

/** Asked again, it would be refused again. */
const isForbidden = (errors: unknown): boolean =>
  Array.isArray(errors) && errors.some((error) => error?.extensions?.code === 'FORBIDDEN');
