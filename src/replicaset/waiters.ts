import type { Clock } from '../clock.js';
import { OverloadedError, StoppingError } from './errors.js';

/** What a request waits for, and how long. */
export interface Wait {
  /** Whether it need not wait any longer. Asked at once and after each wake; must not throw. */
  readonly ready: () => boolean;
  /** Monotonic. */
  readonly deadlineAt: number;
  /** Monotonic: it is not released before, even if ready: its last attempt failed on a node that seems fine. */
  readonly notBefore: number;
}

/** `released`: ready, look again at once, for it may be over by then. `expired`: the deadline has come. */
export type WaitResult = 'released' | 'expired';

/** Every wait that was asked for is in exactly one of these: entered = waiting + released + expired + refused + aborted. */
export interface WaiterCounts {
  readonly entered: number;
  readonly waiting: number;
  readonly released: number;
  readonly expired: number;
  /** The queue was full. */
  readonly refused: number;
  /** The gateway was stopping. */
  readonly aborted: number;
}

interface Waiter extends Wait {
  readonly resolve: (result: WaitResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The queue of requests that wait for a node to send them to. First in, first out; bounded in length by `limit` and in
 * time by each request's deadline.
 *
 * No wake-up is lost: a waiter is inserted and looked at in one synchronous block, and whoever changes what it waits for
 * calls `wake()` after. One timer serves all deadlines and pauses.
 *
 * A wake releases everybody who is ready at once: requests are pipelined over one connection, and the node itself
 * works on no more of them at a time than its `net_msg_max`.
 */
export class Waiters {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #queue = new Set<Waiter>();
  readonly #counts = { entered: 0, released: 0, expired: 0, refused: 0, aborted: 0 };
  #timer: { readonly dueAt: number; readonly handle: NodeJS.Timeout } | null = null;
  #stopped = false;

  constructor({ clock, limit }: { clock: Clock; limit: number }) {
    this.#clock = clock;
    this.#limit = limit;
  }

  get counts(): WaiterCounts {
    return { ...this.#counts, waiting: this.#queue.size };
  }

  /** Resolves when ready or at the deadline. Rejects with OverloadedError when the queue is full, else StoppingError. */
  wait(wait: Wait): Promise<WaitResult> {
    this.#counts.entered += 1;
    return new Promise((resolve, reject) => {
      const waiter = { ...wait, resolve, reject };
      if (this.#stopped) this.#abort(waiter);
      else if (this.#queue.size >= this.#limit) this.#refuse(waiter);
      else {
        this.#queue.add(waiter);
        if (!this.#settle(waiter, this.#clock.now())) this.#arm(dueAt(waiter, this.#clock.now()));
      }
    });
  }

  /** Releases those who are ready. To be called after every change of what they wait for. */
  wake(): void {
    const now = this.#clock.now();
    let next = Infinity;
    for (const waiter of this.#queue) {
      if (!this.#settle(waiter, now)) next = Math.min(next, dueAt(waiter, now));
    }
    this.#arm(next);
  }

  /** Rejects all who wait, and all who come later, with StoppingError. */
  stop(): void {
    this.#stopped = true;
    this.#disarm();
    for (const waiter of this.#queue) this.#abort(waiter);
  }

  /** Takes the waiter out of the queue if its time has come, one way or the other. */
  #settle(waiter: Waiter, now: number): boolean {
    if (waiter.deadlineAt <= now) {
      this.#queue.delete(waiter);
      this.#counts.expired += 1;
      waiter.resolve('expired');
      return true;
    }
    if (waiter.notBefore > now || !waiter.ready()) return false;
    this.#queue.delete(waiter);
    this.#counts.released += 1;
    waiter.resolve('released');
    return true;
  }

  #refuse(waiter: Waiter): void {
    this.#counts.refused += 1;
    waiter.reject(new OverloadedError(`${this.#limit} requests wait for a leader already`));
  }

  #abort(waiter: Waiter): void {
    this.#queue.delete(waiter);
    this.#counts.aborted += 1;
    waiter.reject(new StoppingError('The gateway is stopping'));
  }

  /** Sees to it that the timer fires by `due`. */
  #arm(due: number): void {
    if (due === Infinity || (this.#timer !== null && this.#timer.dueAt <= due)) return;
    this.#disarm();
    // Rounded up: Node cuts fractions off, and a timer that fires too early would only be set again.
    const delayMs = Math.ceil(due - this.#clock.now());
    const handle = setTimeout(() => {
      this.#timer = null;
      this.wake();
    }, delayMs);
    this.#timer = { dueAt: due, handle };
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = null;
  }
}

/** When time alone changes something for a waiter: the end of its pause, then its deadline. */
function dueAt({ notBefore, deadlineAt }: Wait, now: number): number {
  return notBefore > now ? Math.min(notBefore, deadlineAt) : deadlineAt;
}
