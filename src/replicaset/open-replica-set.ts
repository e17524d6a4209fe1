import type { Clock } from '../clock.js';
import { TarantoolNode, type NodePhase, type TarantoolNodeOptions } from '../tarantool/node.js';
import { Attention } from './attention.js';
import { CallsInFlight } from './calls-in-flight.js';
import type { Log } from './log.js';
import { Monitor, type MonitoredNode } from './monitor.js';
import type { PollConnection } from './poll-loop.js';
import type {
  ListenOptions,
  ReadTarget,
  ReplicaSet,
  ReplicaSetObserver,
  ReplicaSetOperator,
} from './replica-set.js';
import { RequestBuffer, type BufferCounts } from './request-buffer.js';
import type { RequestCounts } from './request-ledger.js';
import { Router, type FinishedCall, type FinishedWait } from './router.js';
import { chooseNode } from './selection.js';
import { ReplicaSetTracker } from './tracker.js';
import { LeadershipTransfer } from './transfer.js';
import type { Member, ReplicaSetView } from './view.js';

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
  /** Calls back whenever a request has waited for a node. Returns how to end that. */
  onWait(listener: (wait: FinishedWait) => void): () => void;
  /** Begins to connect and returns; nothing is known of any node yet. */
  start(): void;
  /**
   * Has these members from now on, in this order: connects to new ones, leaves those that are not among them. Of one at another
   * address the old connections are closed. What was sent to a node that is left is repeated elsewhere. After `start()` only.
   */
  changeMembers(nodes: readonly NodeAddress[]): void;
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
/** While nobody sends requests or listens: three polls a second of three nodes are well below a hundredth of a core. */
const idleIntervalMs = 1_000;
/** A dead node costs ten refused connections a second; one that is back is seen before anybody can have elected it. */
const pollBackoff = { minMs: 10, maxMs: 100 };

/** Puts the parts of a replica set together. Connects to nothing before `start()`. */
export function openReplicaSet(options: ReplicaSetOptions): OpenReplicaSet {
  const { nodes, user, password, clock, log, pollIntervalMs, maxWaitingRequests, maxWaitingBytes } = options;
  const openNode = options.openNode ?? ((nodeOptions) => new TarantoolNode(nodeOptions));
  const common = { user, password, clock, random: Math.random };

  const tracker = new ReplicaSetTracker({ nodes: nodes.map(memberAt), clock, log });

  // Whichever of a node's two connections is made or lost first has news for the other.
  const openForRequests = (address: NodeAddress): NodeConnection =>
    openNode({
      ...common,
      ...address,
      onPhase: ({ phase }) => {
        if (phase === 'waiting') monitor.wake(address.name);
      },
    });
  const forRequests = new Map(nodes.map((address) => [address.name, openForRequests(address)]));
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
  const monitored = (address: NodeAddress): MonitoredNode => ({
    name: address.name,
    connect: (onPhase) => forPolls(address, onPhase),
  });
  const monitor = new Monitor({
    nodes: nodes.map(monitored),
    clock,
    tracker,
    intervalMs: () => (attention.isPaid ? pollIntervalMs : Math.max(pollIntervalMs, idleIntervalMs)),
    timeoutMs: pollTimeoutMs,
  });
  const attention = new Attention({ clock, onBegin: () => monitor.wakeAll() });

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

  const changeMembers = (next: readonly NodeAddress[]): void => {
    const uris = new Map(tracker.view.nodes.map(({ name, uri }) => [name, uri]));
    for (const address of next.filter((each) => uris.get(each.name) !== memberAt(each).uri)) {
      forRequests.get(address.name)?.stop();
      const connection = openForRequests(address);
      forRequests.set(address.name, connection);
      connection.start();
      monitor.watch(monitored(address));
    }
    // Before those are closed that nobody is to ask any more.
    tracker.changeMembers(next.map(memberAt));
    const gone = [...forRequests.keys()].filter((name) => !next.some((address) => address.name === name));
    for (const name of gone) {
      monitor.forget(name);
      forRequests.get(name)?.stop();
      forRequests.delete(name);
    }
  };

  const listen = (leave: () => void, patience?: ListenOptions): (() => void) =>
    patience?.isPatient === true ? leave : attention.listen(leave);

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
    onView: (listener, patience) => listen(tracker.onView(listener), patience),
    onLeadership: (listener, patience) => listen(tracker.onLeadership(listener), patience),
    onCall: (listener) => router.onCall(listener),
    onWait: (listener) => router.onWait(listener),
    read: (fn, args, request) => {
      attention.request();
      return router.read(fn, args, request);
    },
    write: (fn, args, request) => {
      attention.request();
      return router.write(fn, args, request);
    },
    transferLeadership: (to, request) => transfers.transferLeadership(to, request),
    start: () => {
      for (const node of forRequests.values()) node.start();
      monitor.start();
    },
    changeMembers,
    stop: () => (stopped ??= stopAll()),
  };
}

/**
 * Nodes that have just been given up, be it for their silence alone: then their connections stand, and what was sent over
 * them may arrive much later than over new ones.
 */
function newlyUnreachable(before: ReplicaSetView, after: ReplicaSetView): string[] {
  const answered = new Set(before.nodes.filter(({ reach }) => reach === 'reachable').map(({ name }) => name));
  return after.nodes.flatMap(({ name, reach }) =>
    reach === 'unreachable' && answered.has(name) ? [name] : [],
  );
}

const memberAt = ({ name, host, port }: NodeAddress): Member => ({ name, uri: `${host}:${port}` });

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
