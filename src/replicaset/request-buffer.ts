/**
 * Holds back requests that have nobody to be sent to. Each kind of target has a lane of its own, for what one waits for
 * need not be what another does.
 *
 * | state of a lane | meaning | entered when | left when |
 * | --- | --- | --- | --- |
 * | idle | nobody waits: requests pass without coming here | at first; the last one released has been answered | a request comes here |
 * | buffering | requests wait, and nobody could serve them | a request finds nobody; the one who served is lost | somebody serves |
 * | draining | those who waited are released, first in, first out; who comes joins the end | somebody serves | all are answered, or the one who serves is lost or replaced |
 *
 * A drain begins with {@link firstWindow} requests under way and lets one more go with each that is answered. So the
 * number doubles with each round trip, and a new leader, whose caches are cold and whose followers are still connecting,
 * is not met by thousands at once. A drain belongs to one leader in one term: another one begins anew.
 *
 * No wake-up is lost: a request is inserted and looked at in one synchronous block, and whoever changes what it waits
 * for calls `wake()` after.
 */
import type { Clock } from '../clock.js';
import { DeadlineSet } from '../tarantool/deadline-set.js';
import type { Seated } from '../tarantool/roster.js';
import { OverloadedError, StoppingError } from './errors.js';
import type { CancelSignal, ReadTarget } from './replica-set.js';

export interface BufferedRequest {
  readonly target: ReadTarget;
  /** Monotonic. */
  readonly deadlineAt: number;
  /** What it holds in memory, about. */
  readonly bytes: number;
  /** One that was under way already has a place: only a new one can be refused. */
  readonly standing: 'new' | 'returning';
  /** Aborted when its client has gone away. */
  readonly signal: CancelSignal | null;
}

/** How a wait ended. Whoever is released calls `answered` once the call that follows has been answered or has failed. */
export type Departure =
  | { readonly kind: 'released'; readonly answered: () => void }
  | { readonly kind: 'expired' }
  | { readonly kind: 'cancelled' };

/**
 * Every request that came is in exactly one of these:
 * buffered = waiting + drained + expired + cancelled + aborted. Those refused never came in.
 */
export interface BufferCounts {
  readonly buffered: number;
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly drained: number;
  readonly expired: number;
  readonly cancelled: number;
  /** The gateway was stopping. */
  readonly aborted: number;
  /** There was no place. */
  readonly refused: number;
}

export interface RequestBufferOptions {
  readonly clock: Clock;
  readonly maxRequests: number;
  readonly maxBytes: number;
  /** Who would serve a target now, by any name that changes with them; null for nobody. */
  readonly whoServes: (target: ReadTarget) => string | null;
}

/** Tarantool's thread works on a write for some 50 µs: these are done before the next round trip ends. */
export const firstWindow = 8;

interface Waiter extends BufferedRequest, Seated {
  readonly lane: Lane;
  readonly resolve: (departure: Departure) => void;
  readonly reject: (error: Error) => void;
  readonly onAbort: () => void;
}

interface Drain {
  readonly server: string;
  window: number;
  underWay: number;
}

interface Lane {
  readonly target: ReadTarget;
  readonly queue: Set<Waiter>;
  drain: Drain | null;
}

export class RequestBuffer {
  readonly #options: RequestBufferOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #deadlines: DeadlineSet<Waiter>;
  readonly #counts = { buffered: 0, drained: 0, expired: 0, cancelled: 0, aborted: 0, refused: 0 };
  #waiting = 0;
  #waitingBytes = 0;
  #stopped = false;

  constructor(options: RequestBufferOptions) {
    this.#options = options;
    this.#deadlines = new DeadlineSet(options.clock, (waiters) => {
      for (const waiter of waiters) this.#depart(waiter, 'expired');
    });
  }

  get counts(): BufferCounts {
    return { ...this.#counts, waiting: this.#waiting, waitingBytes: this.#waitingBytes };
  }

  get waiting(): number {
    return this.#waiting;
  }

  stateOf(target: ReadTarget): 'idle' | 'buffering' | 'draining' {
    const lane = this.#lanes.get(nameOf(target));
    if (lane === undefined) return 'idle';
    if (lane.drain !== null) return 'draining';
    return lane.queue.size > 0 ? 'buffering' : 'idle';
  }

  /**
   * Resolves when the request may be sent, at its deadline, or when its client has gone away. Rejects with
   * OverloadedError at once when a new one finds no place, and with StoppingError.
   */
  wait(request: BufferedRequest): Promise<Departure> {
    if (this.#stopped) return Promise.reject(new StoppingError('The gateway is stopping'));
    if (request.standing === 'new' && !this.#hasPlaceFor(request)) {
      this.#counts.refused += 1;
      return Promise.reject(new OverloadedError(`${this.#waiting} requests wait already`));
    }
    return new Promise((resolve, reject) => {
      const lane = this.#laneOf(request.target);
      const onAbort = (): void => this.#depart(waiter, 'cancelled');
      const waiter: Waiter = { ...request, lane, resolve, reject, onAbort, place: -1 };
      this.#enter(waiter);
      if (request.signal?.aborted === true) onAbort();
      else if (request.deadlineAt <= this.#options.clock.now()) this.#depart(waiter, 'expired');
      else this.#pump(lane);
    });
  }

  /** Releases those who have somebody to be sent to. To be called after every change of that. */
  wake(): void {
    for (const lane of this.#lanes.values()) this.#pump(lane);
  }

  /** Rejects all who wait, and all who come later, with StoppingError. */
  stop(): void {
    this.#stopped = true;
    for (const waiter of this.#deadlines.drain()) {
      this.#leave(waiter);
      this.#counts.aborted += 1;
      waiter.reject(new StoppingError('The gateway is stopping'));
    }
  }

  #hasPlaceFor({ bytes }: BufferedRequest): boolean {
    const { maxRequests, maxBytes } = this.#options;
    return this.#waiting < maxRequests && this.#waitingBytes + bytes <= maxBytes;
  }

  #laneOf(target: ReadTarget): Lane {
    const name = nameOf(target);
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { target, queue: new Set(), drain: null };
    this.#lanes.set(name, lane);
    return lane;
  }

  #enter(waiter: Waiter): void {
    waiter.lane.queue.add(waiter);
    this.#deadlines.add(waiter);
    waiter.signal?.addEventListener('abort', waiter.onAbort);
    this.#counts.buffered += 1;
    this.#waiting += 1;
    this.#waitingBytes += waiter.bytes;
  }

  #leave(waiter: Waiter): void {
    waiter.lane.queue.delete(waiter);
    this.#deadlines.delete(waiter);
    waiter.signal?.removeEventListener('abort', waiter.onAbort);
    this.#waiting -= 1;
    this.#waitingBytes -= waiter.bytes;
  }

  #depart(waiter: Waiter, kind: 'expired' | 'cancelled'): void {
    this.#leave(waiter);
    this.#counts[kind] += 1;
    waiter.resolve({ kind });
  }

  #pump(lane: Lane): void {
    const drain = this.#drainOf(lane);
    if (drain === null) return;
    for (const waiter of lane.queue) {
      if (drain.underWay >= drain.window) return;
      this.#release(waiter, drain);
    }
    if (drain.underWay === 0) lane.drain = null;
  }

  /** The drain that goes on or begins now; null when nobody serves or nobody waits. */
  #drainOf(lane: Lane): Drain | null {
    const server = this.#options.whoServes(lane.target);
    if (lane.drain?.server !== server) {
      const begins = server !== null && lane.queue.size > 0;
      lane.drain = begins ? { server, window: firstWindow, underWay: 0 } : null;
    }
    return lane.drain;
  }

  #release(waiter: Waiter, drain: Drain): void {
    this.#leave(waiter);
    this.#counts.drained += 1;
    drain.underWay += 1;
    const answered = (): void => {
      drain.underWay -= 1;
      drain.window += 1;
      if (waiter.lane.drain === drain) this.#pump(waiter.lane);
    };
    waiter.resolve({ kind: 'released', answered });
  }
}

const nameOf = (target: ReadTarget): string => (target.kind === 'node' ? `node ${target.name}` : target.kind);
