import type { Clock } from '../clock.js';
import { afterLastLook } from './last-look.js';
import { Roster, type Seated } from './roster.js';

/** The longest delay that a timer of Node takes; more would fire at once. */
const maxDelayMs = 2 ** 31 - 1;

/**
 * Members with a deadline each, and one timer for all of them: the usual call is answered long before its deadline and
 * should cost neither setting nor clearing one. So a timer that has become useless is left to run out.
 *
 * When the timer fires, every member is looked at; timers are a millisecond apart at least, which bounds the work.
 */
export class DeadlineSet<T extends Seated & { readonly deadlineAt: number }> {
  readonly #members = new Roster<T>();
  readonly #clock: Clock;
  readonly #onExpired: (expired: readonly T[]) => void;
  #cancelTimer = (): void => {};
  #timerAt = Infinity;

  /** `onExpired` gets members that were removed because their deadline has passed; never an empty list. */
  constructor(clock: Clock, onExpired: (expired: readonly T[]) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  add(member: T): void {
    this.#members.add(member);
    if (member.deadlineAt < this.#timerAt) this.#arm(member.deadlineAt);
  }

  /** False when it was not, or is no longer, a member. */
  delete(member: T): boolean {
    return this.#members.delete(member);
  }

  /** Removes and returns all members; no timer is left. */
  drain(): readonly T[] {
    const members = this.#members.all();
    for (const member of members) this.#members.delete(member);
    this.#disarm();
    return members;
  }

  #arm(at: number): void {
    this.#disarm();
    this.#timerAt = at;
    const delayMs = Math.min(Math.max(Math.ceil(at - this.#clock.now()), 1), maxDelayMs);
    this.#cancelTimer = afterLastLook(delayMs, () => this.#expire());
  }

  #disarm(): void {
    this.#cancelTimer();
    this.#timerAt = Infinity;
  }

  #expire(): void {
    this.#timerAt = Infinity;
    const now = this.#clock.now();
    const expired: T[] = [];
    let earliest = Infinity;
    for (const member of this.#members.all()) {
      if (member.deadlineAt <= now) expired.push(member);
      else earliest = Math.min(earliest, member.deadlineAt);
    }
    for (const member of expired) this.#members.delete(member);
    // Armed before the callback, which may drain the set.
    if (earliest < Infinity) this.#arm(earliest);
    if (expired.length > 0) this.#onExpired(expired);
  }
}
