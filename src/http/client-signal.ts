import type { ServerResponse } from 'node:http';
import type { CancelSignal } from '../replicaset/replica-set.js';

/**
 * Aborted when the connection is closed before the answer has been sent. Nearly nobody listens, and then it costs nothing: an
 * AbortController for each request would be a twentieth of all that the gateway does for a read.
 */
export class ClientSignal implements CancelSignal {
  readonly #response: ServerResponse;
  readonly #listeners = new Map<() => void, () => void>();

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get aborted(): boolean {
    return this.#response.destroyed && !this.#response.writableFinished;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.#listeners.has(listener)) return;
    const tell = (): void => {
      if (this.aborted) listener();
    };
    this.#listeners.set(listener, tell);
    this.#response.once('close', tell);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const tell = this.#listeners.get(listener);
    if (tell === undefined) return;
    this.#listeners.delete(listener);
    this.#response.off('close', tell);
  }
}
