import type { Clock } from '../../src/clock.js';

/** A clock that stands still until it is told to go on. Monotonic and wall-clock time differ, so that no test passes by mixing them up. */
export class ManualClock implements Clock {
  #elapsedMs = 0;

  now(): number {
    return 1_000 + this.#elapsedMs;
  }

  date(): Date {
    return new Date(Date.UTC(2030, 0, 1) + this.#elapsedMs);
  }

  advance(ms: number): void {
    this.#elapsedMs += ms;
  }
}
