import type { Clock } from '../clock.js';
import type { NodePhase } from '../tarantool/node.js';
import { PollLoop, shortestIntervalMs, type PollConnection, type PollLoopOptions } from './poll-loop.js';
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
  /** Between two polls of a node while somebody leads: asked anew each time. */
  readonly intervalMs: () => number;
  readonly timeoutMs: number;
}

/**
 * Keeps the tracker's view fresh: one poll loop per node, each with its own connection, so that a frozen node delays
 * the news of no other. While nobody leads they poll as fast as they may. They rest until the same moments, so that the process
 * wakes up once for all nodes.
 */
export class Monitor {
  readonly #loops = new Map<string, PollLoop>();
  readonly #shared: Omit<PollLoopOptions, 'connect'>;

  constructor({ nodes, clock, tracker, intervalMs, timeoutMs }: MonitorOptions) {
    this.#shared = {
      clock,
      timeoutMs,
      revision: () => tracker.revision,
      observe: tracker.observe.bind(tracker),
      intervalMs: () => (tracker.view.leader === null ? shortestIntervalMs : intervalMs()),
      epoch: clock.now(),
    };
    for (const node of nodes) this.#add(node);
  }

  /** Begins to connect to every node and returns. */
  start(): void {
    for (const loop of this.#loops.values()) loop.start();
  }

  /** Polls one more node; at another address, if it was polled already. Begins to connect and returns. */
  watch(node: MonitoredNode): void {
    this.forget(node.name);
    this.#add(node).start();
  }

  /** Polls a node no more. */
  forget(name: string): void {
    this.#loops.get(name)?.stop();
    this.#loops.delete(name);
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

  #add({ name, connect }: MonitoredNode): PollLoop {
    const loop = new PollLoop({ ...this.#shared, connect });
    this.#loops.set(name, loop);
    return loop;
  }
}
