import { EventEmitter } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { NodeErrorCode } from './errors.js';
import { FrameSplitter, checkGreeting, readHeader, weighFrame, type FrameHeader } from './frames.js';
import { type CallAnswer, decodeAnswer, encodeCall, syncOf } from './iproto.js';

/** Why a connection ended, or never came about. */
export interface Loss {
  readonly code: NodeErrorCode;
  readonly message: string;
  readonly cause?: unknown;
}

/** What waits for the answer to a request: the caller of a function, or the driver. */
type Waiting = ((answer: CallAnswer) => void) | typeof driver;
const driver = Symbol('driver');

/** A request that the node owes the answer to; emptied when it comes, for the same reason as there is a `Roster`. */
interface Unanswered {
  waiting: Waiting | null;
}

/**
 * How many answers a node may owe. More than Tarantool takes up at a time (`net_msg_max`): one that answers pings and
 * nothing else would be remembered without end.
 */
const maxUnanswered = 20_000;

/** The driver counts its requests from 0, and makes few. */
const firstSync = 2 ** 31;
const lastSync = 2 ** 32 - 1;

/**
 * The socket to a node. It makes calls, and lends itself to the driver for the login and for pings. The driver has these
 * defects, and this is their cure:
 *
 * - While a reply arrives in pieces it puts new requests in a queue that it never empties: it gets whole frames only.
 * - A packet that answers no request makes it throw, or settle another request: it gets only what it waits for.
 * - It throws in its data handler when a packet cannot be decoded: that ends the connection, not the process.
 * - It forgets the numbers of errors: that of a refused login is noted here.
 * - It closes only half of a connection, so that a frozen peer keeps it open: a loss destroys the socket.
 * - It never settles the calls under way when the connection breaks, or reconnects by itself: the end of a connection is
 *   told once, at once, to `onLost`, and not to the driver, which has nothing to add.
 */
export class FramedSocket extends EventEmitter<{ data: [Buffer] }> {
  readonly #socket: Socket;
  readonly #onLost: (loss: Loss) => void;
  readonly #splitter = new FrameSplitter();
  /** Also what nobody waits for any more. */
  readonly #unanswered = new Map<number, Unanswered>();
  #greeted = false;
  #lost = false;
  #nextSync = firstSync;
  #driverErrorNumber: number | null = null;
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

  /** Tarantool's number for the driver's last failure; there before the driver tells of it, which has only a text. */
  get driverErrorNumber(): number | null {
    return this.#driverErrorNumber;
  }

  /** How much has come from the node: a sign of life when it grows. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /**
   * Calls a function. Calls back later, once, or never, if the node is silent or the connection ends. Throws what cannot be
   * encoded: then nothing is sent.
   */
  call(fn: string, args: readonly unknown[], onAnswer: (answer: CallAnswer) => void): void {
    const sync = this.#nextSync;
    const request = encodeCall(sync, fn, args);
    this.#nextSync = sync === lastSync ? firstSync : sync + 1;
    this.#send(request, { sync, waiting: onAnswer });
  }

  /** Takes one whole request of the driver. */
  write(request: Buffer): void {
    this.#send(request, { sync: syncOf(request), waiting: driver });
  }

  #send(request: Buffer, { sync, waiting }: { sync: number; waiting: Waiting }): void {
    if (this.#lost) return;
    this.#unanswered.set(sync, { waiting });
    if (this.#unanswered.size > maxUnanswered) {
      const message = `The node owes the answers to ${this.#unanswered.size} requests`;
      process.nextTick(() => this.destroy({ code: 'CONNECTION_LOST', message }));
    }
    // Requests made in one turn of the event loop leave in one system call.
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      setImmediate(() => this.#socket.uncork());
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
      this.emit('data', piece);
      return;
    }
    const header = readHeader(piece);
    const waiting = this.#take(header);
    if (waiting === null) return;
    weighFrame(piece);
    if (waiting !== driver) {
      waiting(decodeAnswer(piece, header));
      return;
    }
    this.#driverErrorNumber = header.errorNumber;
    this.emit('data', piece);
  }

  /** Null when nobody waits for this. */
  #take({ kind, sync }: FrameHeader): Waiting | null {
    const unanswered = this.#unanswered.get(sync);
    if (kind === 'other' || unanswered === undefined) return null;
    const { waiting } = unanswered;
    unanswered.waiting = null;
    this.#unanswered.delete(sync);
    return waiting;
  }
}
