import type { CancelSignal } from '../replicaset/replica-set.js';

/**
 * Tells whether the client of one request has gone away. An AbortController can do the same, but making one takes a twentieth
 * of all that the gateway does for a read, and nearly nobody listens.
 */
export class ClientSignal implements CancelSignal {
  readonly #listeners = new Set<() => void>();
  #aborted = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  /** The client has gone before it was answered. */
  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#aborted) this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
