import { EventEmitter } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { NodeErrorCode } from './errors.js';
import { FrameSplitter, checkGreeting, readHeader, weighFrame } from './frames.js';

/** Why a connection ended, or never came about. */
export interface Loss {
  readonly code: NodeErrorCode;
  readonly message: string;
  readonly cause?: unknown;
}

/** A request that was handed to the operating system, or is about to be. */
export interface WrittenRequest {
  readonly sync: number;
  /** Tarantool's number for its failure; known before the driver reports the failure, which has only a text. */
  errorNumber: number | null;
}

/**
 * How many answers a node may owe. More than Tarantool takes up at a time (`net_msg_max`): one that answers pings and
 * nothing else would be remembered without end.
 */
const maxUnanswered = 20_000;

/** Where in a request the driver writes its sync: after the prefix, the map, the type, the key and 0xce. */
const syncOffset = 10;

/**
 * A socket for the driver that gives it only what it can digest. The driver has these defects, and this is their cure:
 *
 * - While a reply arrives in pieces it puts new requests in a queue that it never empties: it gets whole frames only.
 * - A packet that answers no request makes it throw, or settle another request: it gets only what it waits for.
 * - It throws in its data handler when a packet cannot be decoded: that ends the connection, not the process.
 * - It forgets the numbers of errors: they are noted on the {@link WrittenRequest}.
 * - It closes only half of a connection, so that a frozen peer keeps it open: a loss destroys the socket.
 * - It never settles the calls under way when the connection breaks, or reconnects by itself: the end of a connection is
 *   told once, at once, to `onLost`, and not to the driver, which has nothing to add.
 */
export class FramedSocket extends EventEmitter<{ data: [Buffer] }> {
  readonly #socket: Socket;
  readonly #onLost: (loss: Loss) => void;
  readonly #splitter = new FrameSplitter();
  /** Also what nobody waits for any more. */
  readonly #unanswered = new Map<number, WrittenRequest>();
  #greeted = false;
  #lost = false;
  #lastRequest: WrittenRequest | null = null;
  #receivedBytes = 0;

  /** Connects. `onLost` is called later, never from within. */
  static open(address: { host: string; port: number }, onLost: (loss: Loss) => void): FramedSocket {
    return new FramedSocket(address, onLost);
  }

  private constructor(address: { host: string; port: number }, onLost: (loss: Loss) => void) {
    super();
    this.#onLost = onLost;
    this.#socket = connect({ host: address.host, port: address.port, noDelay: true, keepAlive: true });
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', (cause) => this.#lose(cause));
    // The node will answer no more, even if it still reads.
    this.#socket.on('end', () =>
      this.destroy({ code: 'CONNECTION_LOST', message: 'The node closed the connection' }),
    );
  }

  /** The driver asks before it writes. */
  get writable(): boolean {
    return !this.#lost;
  }

  /** The last request that was written. One that is not, because the driver refused it, does not appear here. */
  get lastRequest(): WrittenRequest | null {
    return this.#lastRequest;
  }

  /** How much has come from the node: a sign of life when it grows. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Takes one whole request, which is what the driver writes. */
  write(request: Buffer): void {
    this.#lastRequest = { sync: request.readUInt32BE(syncOffset), errorNumber: null };
    this.#unanswered.set(this.#lastRequest.sync, this.#lastRequest);
    if (this.#unanswered.size > maxUnanswered) {
      const message = `The node owes the answers to ${this.#unanswered.size} requests`;
      process.nextTick(() => this.destroy({ code: 'CONNECTION_LOST', message }));
    }
    // Requests made in one turn of the event loop leave in one system call.
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      process.nextTick(() => this.#socket.uncork());
    }
    this.#socket.write(request);
  }

  /** Ends the connection without waiting for the node; says `loss` to `onLost` unless it has ended before. */
  destroy(loss: Loss): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#unanswered.clear();
    this.#socket.destroy();
    this.#onLost(loss);
  }

  #lose(cause: Error & { code?: unknown }): void {
    // The error for a name with several addresses has no message of its own.
    const message = cause.message === '' ? String(cause.code) : cause.message;
    this.destroy({ code: 'CONNECTION_LOST', message, cause });
  }

  #receive(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    try {
      for (const piece of this.#splitter.push(chunk)) this.#deliver(piece);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.destroy({ code: 'BAD_REPLY', message: `The node sent what cannot be read: ${reason}`, cause });
    }
  }

  #deliver(piece: Buffer): void {
    if (this.#lost) return;
    if (!this.#greeted) {
      checkGreeting(piece);
      this.#greeted = true;
    } else {
      weighFrame(piece);
      if (!this.#isAwaited(piece)) return;
    }
    this.emit('data', piece);
  }

  #isAwaited(frame: Buffer): boolean {
    const { kind, sync, errorNumber } = readHeader(frame);
    const request = this.#unanswered.get(sync);
    if (kind === 'other' || request === undefined) return false;
    this.#unanswered.delete(sync);
    request.errorNumber = errorNumber;
    return true;
  }
}
