import type { Clock } from '../clock.js';
import { TarantoolNode, type NodePhase, type TarantoolNodeOptions } from '../tarantool/node.js';
import { CallsInFlight } from './calls-in-flight.js';
import type { Log } from './log.js';
import { Monitor } from './monitor.js';
import type { PollConnection } from './poll-loop.js';
import type { ReplicaSet, ReplicaSetObserver, ReplicaSetOperator } from './replica-set.js';
import { Router } from './router.js';
import { ReplicaSetTracker } from './tracker.js';
import { LeadershipTransfer } from './transfer.js';
import { Waiters } from './waiters.js';

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
  /** Requests that may wait for a leader at a time. */
  readonly maxWaitingRequests: number;
  /** Makes a connection, not yet started; a test may give others. */
  readonly openNode?: (options: TarantoolNodeOptions) => NodeConnection;
}

/** One connection of either kind: for polls, or for requests. */
export type NodeConnection = PollConnection & Pick<TarantoolNode, 'wake'>;

/** A replica set with its connections. Unusable before `start()` only in that nobody leads yet: requests wait. */
export interface OpenReplicaSet extends ReplicaSet, ReplicaSetObserver, ReplicaSetOperator {
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
  const { nodes, user, password, clock, log, pollIntervalMs, maxWaitingRequests } = options;
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

  const waiters = new Waiters({ clock, limit: maxWaitingRequests });
  const calls = new CallsInFlight();
  const router = new Router({
    clock,
    tracker,
    waiters,
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
  tracker.onView((view) => {
    calls.reconsider(view);
    waiters.wake();
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
    onView: (listener) => tracker.onView(listener),
    onLeadership: (listener) => tracker.onLeadership(listener),
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
