import type { Clock } from '../clock.js';
import type { NodePhase } from '../tarantool/node.js';
import { PollLoop, shortestIntervalMs, type PollConnection } from './poll-loop.js';
import type { ReplicaSetTracker } from './tracker.js';

export interface MonitoredNode {
  readonly name: string;
  /** Makes a connection for polls alone, not yet started. */
  readonly connect: (onPhase: (phase: NodePhase) => void) => PollConnection;
}

export interface MonitorOptions {
  readonly nodes: readonly MonitoredNode[];
  readonly clock: Clock;
  readonly tracker: ReplicaSetTracker;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/**
 * Keeps the tracker's view fresh: one poll loop per node, each with its own connection, so that a frozen node delays
 * the news of no other. While nobody leads they poll as fast as they may.
 */
export class Monitor {
  readonly #loops: ReadonlyMap<string, PollLoop>;

  constructor({ nodes, clock, tracker, intervalMs, timeoutMs }: MonitorOptions) {
    const shared = {
      clock,
      timeoutMs,
      revision: () => tracker.revision,
      observe: tracker.observe.bind(tracker),
      intervalMs: () => (tracker.view.leader === null ? shortestIntervalMs : intervalMs),
    };
    this.#loops = new Map(nodes.map(({ name, connect }) => [name, new PollLoop({ ...shared, connect })]));
  }

  /** Begins to connect to every node and returns. */
  start(): void {
    for (const loop of this.#loops.values()) loop.start();
  }

  /** Has one node polled at once: a call on it failed. */
  wake(name: string): void {
    this.#loops.get(name)?.wake();
  }

  /** Has every node polled at once: what is known of all of them is from before a change. */
  wakeAll(): void {
    for (const loop of this.#loops.values()) loop.wake();
  }

  /** Ends polling and its connections at once. */
  stop(): void {
    for (const loop of this.#loops.values()) loop.stop();
  }
}
