import type { Clock } from '../clock.js';

/** As long as a request may last, as shipped: while one is under way, its node is looked at. */
const lastsMs = 10_000;

export interface AttentionOptions {
  readonly clock: Clock;
  /** Called when somebody pays attention and nobody did before. */
  readonly onBegin: () => void;
}

/** Whether somebody needs to know at once what becomes of the nodes: who sends requests, or listens to changes. */
export class Attention {
  readonly #options: AttentionOptions;
  #listeners = 0;
  #requestedAt = -Infinity;

  constructor(options: AttentionOptions) {
    this.#options = options;
  }

  get isPaid(): boolean {
    return this.#listeners > 0 || this.#options.clock.now() - this.#requestedAt < lastsMs;
  }

  /** A request has come. */
  request(): void {
    const wasPaid = this.isPaid;
    this.#requestedAt = this.#options.clock.now();
    if (!wasPaid) this.#options.onBegin();
  }

  /** Somebody listens. Returns the way to say that it is over; `leave` is called then. */
  listen(leave: () => void): () => void {
    if (!this.isPaid) this.#options.onBegin();
    this.#listeners += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#listeners -= 1;
      leave();
    };
  }
}
