import { EventEmitter } from 'node:events';
import { type Socket, connect } from 'node:net';

/** Tarantool's first words. */
const greetingLength = 128;
/** In front of each reply: 0xce and its length in 32 bits. */
const prefixLength = 5;

/**
 * A socket that hands the driver whole replies only: calls that it gets while a reply arrives in pieces never settle
 * (tarantool-driver 3.1.0), and a list of 200 often does. Calls of one turn of the event loop leave together.
 */
export class WholeReplies extends EventEmitter {
  readonly #socket: Socket;
  #isGreeted = false;
  #rest: Buffer = Buffer.alloc(0);

  constructor(address: { readonly host: string; readonly port: number }) {
    super();
    this.#socket = connect({ ...address, noDelay: true });
    this.#socket.on('data', (chunk) => this.#take(chunk));
    // A server without its database is of no use here, and the process says why it ends.
    this.#socket.on('error', (error) => {
      throw error;
    });
  }

  get writable(): boolean {
    return this.#socket.writable;
  }

  write(request: Buffer): void {
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      process.nextTick(() => this.#socket.uncork());
    }
    this.#socket.write(request);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const length = this.#isGreeted ? lengthOfWholeReplies(bytes) : greetingLength;
    if (length === 0 || bytes.length < length) {
      this.#rest = bytes;
      return;
    }
    this.#isGreeted = true;
    this.#rest = bytes.subarray(length);
    this.emit('data', bytes.subarray(0, length));
  }
}

function lengthOfWholeReplies(bytes: Buffer): number {
  let length = 0;
  while (bytes.length - length >= prefixLength) {
    const next = length + prefixLength + bytes.readUInt32BE(length + 1);
    if (next > bytes.length) break;
    length = next;
  }
  return length;
}
