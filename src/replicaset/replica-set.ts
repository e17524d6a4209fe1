import type { Reply } from '../tarantool/reply.js';
import type { LeadershipEvent, ReplicaSetView } from './view.js';

/** Who is to answer a read. */
export type ReadTarget =
  | { readonly kind: 'leader' }
  /** A healthy follower; the leader when there is none. */
  | { readonly kind: 'replica' }
  | { readonly kind: 'node'; readonly name: string };

/** As much of an AbortSignal as is needed here. It is aborted once, and tells its listeners then. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface WriteOptions {
  /** Monotonic (`Clock.now()`). */
  readonly deadlineAt: number;
  /** Aborted when nobody wants the answer any more: the request then gives its place to others, and is not repeated. */
  readonly signal?: CancelSignal | null;
}

export interface ReadOptions extends WriteOptions {
  readonly target: ReadTarget;
  /** Told the node whose reply the read resolves to, just before. */
  readonly onAnsweredBy?: (node: string) => void;
}

/**
 * What the layers above may ask of a replica set. A reply with status `rejected` resolves. A node that reports a defect
 * of its own or of ours, again and again, makes both methods reject with its NodeError.
 */
export interface ReplicaSet {
  /**
   * Calls a function that only reads. Repeated after a failure, and when the node's leadership or connection is gone,
   * until the deadline. A node that was named is never replaced by another: unreachable, it fails the read at once.
   * Rejects with ClusterUnavailableError, OverloadedError, CancelledError, StoppingError or UnknownNodeError.
   */
  read(fn: string, args: readonly unknown[], options: ReadOptions): Promise<Reply>;
  /**
   * Calls a function that writes, on the writable leader. Repeated after any failure until the deadline, on the same
   * leader or the next: the function must apply a request once, however often it comes, and answer the same each time.
   * Rejects with OutcomeUnknownError when it may have been applied or may yet be; else with ClusterUnavailableError,
   * OverloadedError, CancelledError or StoppingError, and then nothing was applied and nothing will be.
   */
  write(fn: string, args: readonly unknown[], options: WriteOptions): Promise<Reply>;
}

/** What the layers above may have a replica set do. */
export interface ReplicaSetOperator {
  /**
   * Hands leadership to the node `to`. Resolves when the view shows it as the writable leader. Rejects with
   * UnknownNodeError, TransferRefusedError or ClusterUnavailableError when that did not happen; TransferUnconfirmedError
   * or StoppingError when it may still.
   */
  transferLeadership(to: string, options: { deadlineAt: number }): Promise<void>;
}

export interface ListenOptions {
  /** Who is patient may hear some hundred milliseconds later of what nobody else waits for. Nobody is, unless it is said. */
  readonly isPatient: boolean;
}

/** What the layers above may know of a replica set. */
export interface ReplicaSetObserver {
  readonly view: ReplicaSetView;
  /** Newest last; bounded. */
  readonly history: readonly LeadershipEvent[];
  /** Calls back after every replacement of the view; returns the way to stop. A listener that throws is logged. */
  onView(listener: (view: ReplicaSetView) => void, options?: ListenOptions): () => void;
  /** Calls back after every change of leadership, in order; returns the way to stop. */
  onLeadership(listener: (event: LeadershipEvent) => void, options?: ListenOptions): () => void;
}
