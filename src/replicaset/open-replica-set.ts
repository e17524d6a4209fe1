import type { Clock } from '../clock.js';
import { TarantoolNode, type NodePhase, type TarantoolNodeOptions } from '../tarantool/node.js';
import { CallsInFlight } from './calls-in-flight.js';
import type { Log } from './log.js';
import { Monitor } from './monitor.js';
import type { PollConnection } from './poll-loop.js';
import type { ReadTarget, ReplicaSet, ReplicaSetObserver, ReplicaSetOperator } from './replica-set.js';
import { RequestBuffer, type BufferCounts } from './request-buffer.js';
import type { RequestCounts } from './request-ledger.js';
import { Router, type FinishedCall } from './router.js';
import { chooseNode } from './selection.js';
import { ReplicaSetTracker } from './tracker.js';
import { LeadershipTransfer } from './transfer.js';
import type { ReplicaSetView } from './view.js';

export interface NodeAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface ReplicaSetOptions {
  readonly nodes: readonly NodeAddress[];
  readonly user: string;
  readonly password: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Between two polls of a node while somebody leads. */
  readonly pollIntervalMs: number;
  /** Requests that may wait for a node at a time, and what they may hold in all. */
  readonly maxWaitingRequests: number;
  readonly maxWaitingBytes: number;
  /** Makes a connection, not yet started; a test may give others. */
  readonly openNode?: (options: TarantoolNodeOptions) => NodeConnection;
}

/** One connection of either kind: for polls, or for requests. */
export type NodeConnection = PollConnection & Pick<TarantoolNode, 'wake' | 'renew'>;

/** A replica set with its connections. Unusable before `start()` only in that nobody leads yet: requests wait. */
export interface OpenReplicaSet extends ReplicaSet, ReplicaSetObserver, ReplicaSetOperator {
  /** How requests ended so far, and how those that had to wait did. */
  readonly counts: { readonly requests: RequestCounts; readonly buffer: BufferCounts };
  /** Calls back after every call of a request to a node; returns how to end that. */
  onCall(listener: (call: FinishedCall) => void): () => void;
  /** Begins to connect and returns; nothing is known of any node yet. */
  start(): void;
  /**
   * Rejects the requests that wait, ends polling, closes the connections. Calls under way end with unknown outcome. The
   * same promise each time.
   */
  stop(): Promise<void>;
}

/**
 * How long a connected node may be silent before it counts as unreachable: four times the `replication.timeout` that we
 * ship, which is when its peers give it up and elect another (failover.md (e)).
 */
const pollTimeoutMs = 1_000;
/** A dead node costs ten refused connections a second; one that is back is seen before anybody can have elected it. */
const pollBackoff = { minMs: 10, maxMs: 100 };

/** Puts the parts of a replica set together. Connects to nothing before `start()`. */
export function openReplicaSet(options: ReplicaSetOptions): OpenReplicaSet {
  const { nodes, user, password, clock, log, pollIntervalMs, maxWaitingRequests, maxWaitingBytes } = options;
  const openNode = options.openNode ?? ((nodeOptions) => new TarantoolNode(nodeOptions));
  const common = { user, password, clock, random: Math.random };

  const tracker = new ReplicaSetTracker({
    nodes: nodes.map(({ name, host, port }) => ({ name, uri: `${host}:${port}` })),
    clock,
    log,
  });

  // Whichever of a node's two connections is made or lost first has news for the other.
  const forRequests = new Map(
    nodes.map((address) => [
      address.name,
      openNode({
        ...common,
        ...address,
        onPhase: ({ phase }) => {
          if (phase === 'waiting') monitor.wake(address.name);
        },
      }),
    ]),
  );
  const forPolls = (address: NodeAddress, onPhase: (phase: NodePhase) => void): NodeConnection =>
    openNode({
      ...common,
      ...address,
      backoff: pollBackoff,
      onPhase: (phase) => {
        if (phase.phase === 'ready') forRequests.get(address.name)?.wake();
        onPhase(phase);
      },
    });
  const monitor = new Monitor({
    nodes: nodes.map((address) => ({
      name: address.name,
      connect: (onPhase) => forPolls(address, onPhase),
    })),
    clock,
    tracker,
    intervalMs: pollIntervalMs,
    timeoutMs: pollTimeoutMs,
  });

  const buffer = new RequestBuffer({
    clock,
    maxRequests: maxWaitingRequests,
    maxBytes: maxWaitingBytes,
    whoServes: (target) => whoServes(tracker.view, target),
  });
  const calls = new CallsInFlight();
  const router = new Router({
    clock,
    tracker,
    buffer,
    calls,
    nodes: forRequests,
    probe: (name) => monitor.wake(name),
  });

  const transfers = new LeadershipTransfer({
    clock,
    observer: tracker,
    nodes: forRequests,
    probeAll: () => monitor.wakeAll(),
  });

  // The first listeners, so that requests move on before anybody is told why.
  let last = tracker.view;
  tracker.onView((view) => {
    for (const name of newlyUnreachable(last, view)) forRequests.get(name)?.renew('The node is unreachable');
    last = view;
    calls.reconsider(view);
    buffer.wake();
  });
  tracker.onLeadership(() => monitor.wakeAll());

  const stopAll = async (): Promise<void> => {
    router.stop();
    transfers.stop();
    monitor.stop();
    for (const node of forRequests.values()) node.stop();
  };
  let stopped: Promise<void> | null = null;

  return {
    get view() {
      return tracker.view;
    },
    get history() {
      return tracker.history;
    },
    get counts() {
      return { requests: router.counts, buffer: buffer.counts };
    },
    onView: (listener) => tracker.onView(listener),
    onLeadership: (listener) => tracker.onLeadership(listener),
    onCall: (listener) => router.onCall(listener),
    read: (fn, args, request) => router.read(fn, args, request),
    write: (fn, args, request) => router.write(fn, args, request),
    transferLeadership: (to, request) => transfers.transferLeadership(to, request),
    start: () => {
      for (const node of forRequests.values()) node.start();
      monitor.start();
    },
    stop: () => (stopped ??= stopAll()),
  };
}

/**
 * Nodes that have just been given up, be it for their silence alone: then their connections stand, and what was sent over
 * them may arrive much later than over new ones.
 */
function newlyUnreachable(before: ReplicaSetView, after: ReplicaSetView): string[] {
  return after.nodes.flatMap(({ name, reach }, index) =>
    reach === 'unreachable' && before.nodes[index]?.reach === 'reachable' ? [name] : [],
  );
}

/** Who a request for `target` would be sent to: another text for each leader and term, null while it has to wait. */
function whoServes(view: ReplicaSetView, target: ReadTarget): string | null {
  const choice = chooseNode(view, target, { turn: 0, avoid: null });
  switch (choice.kind) {
    case 'wait':
      return null;
    case 'use':
      return target.kind === 'leader' ? `${choice.node} in term ${view.term}` : target.kind;
    case 'fail':
      // It has to be told so.
      return 'nobody';
    default:
      return choice satisfies never;
  }
}
