import type { OperationRecord } from './operation-record.js';

/**
 * The operations of one WebSocket that nobody has ended yet, each with a signal that tells whether its client still wants
 * it: a query that waits for a leader gives its place to others when it does not.
 */
export class OperationSignals {
  readonly #open = new Map<string, AbortController>();
  readonly #records = new Map<string, Pick<OperationRecord, 'end'>>();
  /** Those of them that have no end of their own. */
  readonly #endless = new Set<string>();
  #onDrained: (() => void) | null = null;

  /** Whether no further operation is to begin. */
  get isDraining(): boolean {
    return this.#onDrained !== null;
  }

  /** To be called when an operation begins. */
  open(id: string): AbortSignal {
    const controller = new AbortController();
    this.#open.set(id, controller);
    return controller.signal;
  }

  /** The record of an operation that has begun: it ends when the operation does, however that comes. */
  keep(id: string, record: Pick<OperationRecord, 'end'>): void {
    this.#records.set(id, record);
  }

  /** To be called when it turns out to be a subscription, which nobody waits for. */
  markEndless(id: string): void {
    this.#endless.add(id);
  }

  /** The server has answered it. */
  end(id: string): void {
    this.#open.delete(id);
    this.#endless.delete(id);
    this.#records.get(id)?.end();
    this.#records.delete(id);
    if (this.#open.size === this.#endless.size) this.#onDrained?.();
  }

  /** Resolves when every query and mutation has been answered or given up. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrained = resolve;
      if (this.#open.size === this.#endless.size) resolve();
    });
  }

  /**
   * Looks at a message of the client before the protocol does: `complete` is how it gives up an operation. graphql-ws
   * tells nobody of that unless the operation is a subscription.
   */
  hear(text: string): void {
    if (this.#open.size === 0 || !text.includes('"complete"')) return;
    const id = idOfComplete(text);
    if (id === null) return;
    this.#open.get(id)?.abort();
    this.end(id);
  }

  /** The socket is closed. */
  abortAll(): void {
    for (const [id, controller] of this.#open) {
      controller.abort();
      this.end(id);
    }
  }
}

/** What is no message of the protocol is for the protocol to refuse. */
function idOfComplete(text: string): string | null {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message !== 'object' || message === null || !('type' in message) || !('id' in message))
      return null;
    return message.type === 'complete' && typeof message.id === 'string' ? message.id : null;
  } catch {
    return null;
  }
}
