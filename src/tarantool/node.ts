import type { Clock } from '../clock.js';
import { backoffMs } from './backoff.js';
import type { BackoffLimits } from './backoff.js';
import { Connection } from './connection.js';
import type { Loss } from './connector.js';
import { NodeError } from './errors.js';
import type { Reply } from './reply.js';

/**
 * Where a node stands with us.
 *
 * | phase | meaning | entered | left |
 * | --- | --- | --- | --- |
 * | `stopped` | nothing happens | at first, and by `stop()` | by `start()` |
 * | `connecting` | a connection is being made, the login included | by `start()`, `wake()`, or when `retryAt` has come | when it is ready or lost, after `connectTimeoutMs` at the latest |
 * | `ready` | calls are sent; `epoch` numbers the connections | after the login | when the connection is lost |
 * | `waiting` | the last connection was lost or refused, for `reason` | then | at `retryAt`, or by `wake()` |
 */
export type NodePhase =
  | { readonly phase: 'stopped' }
  | { readonly phase: 'connecting'; readonly attempt: number }
  | { readonly phase: 'ready'; readonly epoch: number }
  | {
      readonly phase: 'waiting';
      readonly attempt: number;
      readonly retryAt: number;
      readonly reason: NodeError;
    };

/** A phase with what it holds: whatever must be released is here, and nowhere else. */
type State =
  | Extract<NodePhase, { phase: 'stopped' }>
  | (Extract<NodePhase, { phase: 'connecting' | 'ready' }> & { readonly connection: Connection })
  | (Extract<NodePhase, { phase: 'waiting' }> & { readonly timer: NodeJS.Timeout });

/** Leaves out what the phase holds: it is not for others, and cannot be logged. */
function withoutHoldings(state: State): NodePhase {
  switch (state.phase) {
    case 'stopped':
      return state;
    case 'connecting':
      return { phase: 'connecting', attempt: state.attempt };
    case 'ready':
      return { phase: 'ready', epoch: state.epoch };
    case 'waiting':
      return { phase: 'waiting', attempt: state.attempt, retryAt: state.retryAt, reason: state.reason };
    default:
      return state satisfies never;
  }
}

export interface TarantoolNodeOptions {
  /** Its name in the replica set. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Not empty. */
  readonly password: string;
  readonly clock: Clock;
  /** For the jitter between attempts: 0 <= x < 1. */
  readonly random: () => number;
  /** How long an attempt may take, the login included. */
  readonly connectTimeoutMs?: number;
  readonly backoff?: BackoffLimits;
  /** Called at once after every change of phase, when all else is done; it may call the node. It must not throw. */
  readonly onPhase?: (phase: NodePhase) => void;
}

/** On one network a login takes some milliseconds; a second without one is a node that does not run. */
const defaultConnectTimeoutMs = 1_000;
/** A node that comes back should not be waited for; one that is away for long costs two attempts a second. */
const defaultBackoff: BackoffLimits = { minMs: 10, maxMs: 500 };

/**
 * One Tarantool node: keeps one connection to it, makes a new one whenever that is lost, and calls functions over it.
 * It repeats nothing and queues nothing: that is for the owner, who knows the other nodes.
 */
export class TarantoolNode {
  readonly #options: TarantoolNodeOptions;
  readonly #connectTimeoutMs: number;
  readonly #backoff: BackoffLimits;
  #state: State = { phase: 'stopped' };
  #epoch = 0;

  /** Connects to nothing yet. Throws a TypeError when the password is empty: the driver would then go on as guest. */
  constructor(options: TarantoolNodeOptions) {
    if (options.password === '') throw new TypeError(`The password of user ${options.user} is empty`);
    this.#options = options;
    this.#connectTimeoutMs = options.connectTimeoutMs ?? defaultConnectTimeoutMs;
    this.#backoff = options.backoff ?? defaultBackoff;
  }

  get name(): string {
    return this.#options.name;
  }

  get phase(): NodePhase {
    return withoutHoldings(this.#state);
  }

  /** Begins to connect, and returns; `onPhase` tells the rest. Does nothing unless the node is stopped. */
  start(): void {
    if (this.#state.phase === 'stopped') this.#connect(1);
  }

  /** Tries again now instead of at `retryAt`: for an owner who has heard that the node is back. */
  wake(): void {
    if (this.#state.phase !== 'waiting') return;
    clearTimeout(this.#state.timer);
    this.#connect(this.#state.attempt);
  }

  /**
   * Replaces a connection that stands: for an owner who has reason to think that nothing comes through it any more. Calls
   * under way reject with an unknown outcome. Does nothing without a connection.
   */
  renew(reason: string): void {
    const state = this.#state;
    if (state.phase === 'ready') state.connection.destroy({ code: 'CONNECTION_LOST', message: reason });
  }

  /** Ends the connection at once, whatever the node does. Calls under way reject with an unknown outcome. Idempotent. */
  stop(): void {
    const state = this.#state;
    if (state.phase === 'stopped') return;
    // First, so that the loss of the connection begins no new attempt.
    this.#state = { phase: 'stopped' };
    if (state.phase === 'waiting') clearTimeout(state.timer);
    else state.connection.destroy({ code: 'CONNECTION_LOST', message: 'The connection is being stopped' });
    this.#announce();
  }

  /**
   * Calls a Lua function and settles by `deadlineAt` (monotonic, as the clock's `now()`), whatever the node does.
   * Resolves with the function's verdict, also when that is `rejected`. Rejects with a {@link NodeError}: its outcome is
   * `not-applied` when the request was not sent or the node said so, else `unknown`.
   */
  call(fn: string, args: readonly unknown[], deadlineAt: number): Promise<Reply> {
    const state = this.#state;
    return state.phase === 'ready'
      ? state.connection.call(fn, args, deadlineAt)
      : Promise.reject(this.#notConnected(state));
  }

  #connect(attempt: number): void {
    const connection = Connection.open(
      { ...this.#options, connectTimeoutMs: this.#connectTimeoutMs },
      {
        onReady: () => this.#become({ phase: 'ready', epoch: ++this.#epoch, connection }),
        onLost: (loss) => this.#retry(loss),
      },
    );
    this.#become({ phase: 'connecting', attempt, connection });
  }

  #retry(loss: Loss): void {
    const state = this.#state;
    if (state.phase === 'stopped') return;
    const attempt = state.phase === 'connecting' ? state.attempt + 1 : 1;
    const delayMs = backoffMs(attempt, this.#backoff, this.#options.random);
    this.#become({
      phase: 'waiting',
      attempt,
      retryAt: this.#options.clock.now() + delayMs,
      reason: this.#error(loss),
      timer: setTimeout(() => this.#connect(attempt), delayMs),
    });
  }

  #become(state: State): void {
    this.#state = state;
    this.#announce();
  }

  #announce(): void {
    this.#options.onPhase?.(this.phase);
  }

  #notConnected(state: Exclude<State, { phase: 'ready' }>): NodeError {
    const message =
      state.phase === 'waiting' ? `Not connected: ${state.reason.message}` : `Not connected (${state.phase})`;
    return this.#error({ code: 'NOT_CONNECTED', message });
  }

  #error({ code, message, cause }: Loss): NodeError {
    return new NodeError(code, { outcome: 'not-applied', node: this.#options.name, message, cause });
  }
}
