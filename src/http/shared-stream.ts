import { GraphQLError } from 'graphql';
import type { Identity } from '../access/identity.js';
import type { EventStream } from './event-stream.js';
import type { Pipeline } from './pipeline.js';
import { RefusedRequest } from './stream-request.js';
import { initTimeoutMs, maxOperations } from './socket-protocol.js';

/**
 * A stream that several operations share: reserved first, opened once, and gone when it is closed. Operations may begin
 * before it is opened; each then holds its first result back.
 *
 * | state      | entered            | left                                               |
 * | ---------- | ------------------ | -------------------------------------------------- |
 * | `reserved` | by PUT             | by the GET that opens it, or after 3 s without one |
 * | `open`     | by that GET        | when either side closes the stream                 |
 * | `over`     | see above          | never                                              |
 */
export class SharedStream {
  /** Whose it is. */
  readonly subject: string;
  readonly #operations = new Map<string, AbortController>();
  /** Those of them that have no end of their own. */
  readonly #endless = new Set<string>();
  #isDraining = false;
  readonly #onOver: () => void;
  #expiry: NodeJS.Timeout | undefined;
  /** Null when it is over before anybody opened it. */
  readonly #opened: Promise<EventStream | null>;
  #open: (stream: EventStream | null) => void = () => {};
  #stream: EventStream | null = null;
  readonly #over = new AbortController();
  /** When the first of those who use it is no longer who he was. */
  #expiresAt = Infinity;
  #state: 'reserved' | 'open' | 'over' = 'reserved';

  private constructor(subject: string, onOver: () => void) {
    this.subject = subject;
    this.#onOver = onOver;
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** `onOver` is called once. */
  static reserve(subject: string, onOver: () => void): SharedStream {
    const stream = new SharedStream(subject, onOver);
    stream.#expiry = setTimeout(() => stream.end(), initTimeoutMs);
    return stream;
  }

  get isReserved(): boolean {
    return this.#state === 'reserved';
  }

  open(stream: EventStream): void {
    this.#state = 'open';
    clearTimeout(this.#expiry);
    stream.closed.addEventListener('abort', () => this.end(), { once: true });
    this.#stream = stream;
    this.#open(stream);
  }

  /** Has the stream end when the identity of somebody who uses it does. Its client connects again, with another token. */
  endWith(identity: Identity, { onExpiry }: Pick<Pipeline, 'onExpiry'>): void {
    const { expiresAt } = identity;
    if (expiresAt === null || expiresAt >= this.#expiresAt) return;
    this.#expiresAt = expiresAt;
    onExpiry(identity, this.#over.signal, () => this.end());
  }

  /** The operation with this id turned out to be a subscription, which nobody waits for. */
  markEndless(id: string): void {
    this.#endless.add(id);
  }

  /** Ends the stream once its queries and mutations are answered; at once when nobody has opened it. */
  drain(): void {
    this.#isDraining = true;
    this.#endIfDrained();
  }

  /**
   * Begins an operation. The signal tells when nobody wants it any more.
   * @throws RefusedRequest when its id is taken
   */
  begin(id: string): AbortSignal {
    if (this.#operations.has(id)) {
      throw new RefusedRequest(409, 'BAD_REQUEST', 'An operation with this id is under way');
    }
    const controller = new AbortController();
    this.#operations.set(id, controller);
    return controller.signal;
  }

  /** Why one more operation may not run, or null. The new one is among them by now. */
  refusal(): GraphQLError | null {
    if (this.#operations.size <= maxOperations) return null;
    const message = `A stream may run ${maxOperations} operations at once`;
    return new GraphQLError(message, {
      extensions: { code: 'OVERLOADED', limit: 'operations', max: maxOperations },
    });
  }

  /** `payload` is JSON. */
  async next(id: string, payload: string): Promise<void> {
    const stream = await this.#opened;
    if (this.#operations.has(id))
      await stream?.send('next', `{"id":${JSON.stringify(id)},"payload":${payload}}`);
  }

  /** Tells the client that an operation is over, unless it was the client who ended it. */
  async complete(id: string): Promise<void> {
    if (!this.#forget(id)) return;
    await (await this.#opened)?.send('complete', JSON.stringify({ id }));
    this.#endIfDrained();
  }

  /** The client does not want the operation any more. */
  giveUp(id: string): void {
    this.#operations.get(id)?.abort();
    this.#forget(id);
    this.#endIfDrained();
  }

  end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#over.abort();
    clearTimeout(this.#expiry);
    for (const controller of this.#operations.values()) controller.abort();
    this.#operations.clear();
    this.#stream?.end();
    this.#open(null);
    this.#onOver();
  }

  #forget(id: string): boolean {
    this.#endless.delete(id);
    return this.#operations.delete(id);
  }

  #endIfDrained(): void {
    if (!this.#isDraining) return;
    if (this.#state === 'reserved' || this.#operations.size === this.#endless.size) this.end();
  }
}
