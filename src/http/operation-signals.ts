/**
 * The operations of one WebSocket that nobody has ended yet, each with a signal that tells whether its client still wants
 * it: a query that waits for a leader gives its place to others when it does not.
 */
export class OperationSignals {
  readonly #open = new Map<string, AbortController>();

  /** To be called when an operation begins. */
  open(id: string): AbortSignal {
    const controller = new AbortController();
    this.#open.set(id, controller);
    return controller.signal;
  }

  /** The server has answered it. */
  end(id: string): void {
    this.#open.delete(id);
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
    this.#open.delete(id);
  }

  /** The socket is closed. */
  abortAll(): void {
    for (const controller of this.#open.values()) controller.abort();
    this.#open.clear();
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
