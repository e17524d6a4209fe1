import type { Clock } from '../clock.js';

/** Lets so many lines a second through, and counts those that it keeps back: in an outage each of thousands says the same. */
export class LineBudget {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #second = 0;
  #written = 0;
  #keptBack = 0;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** How many lines were kept back since the last one, when this one may be written; null when it may not. */
  take(): number | null {
    const second = Math.floor(this.#clock.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#written = 0;
    }
    if (this.#written >= this.#perSecond) {
      this.#keptBack++;
      return null;
    }
    this.#written++;
    const keptBack = this.#keptBack;
    this.#keptBack = 0;
    return keptBack;
  }
}
