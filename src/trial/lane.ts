import type { Socket } from 'node:net';
import { resetSocket } from './reset-socket.js';

/** What a lane carries: bytes, or the way in which the sender has closed. */
type Cargo = Buffer | 'end' | 'reset';

/** Beyond this, what is delayed stays in the kernel, and the sender waits. */
const maxDelayedBytes = 1024 * 1024;

/**
 * One direction of one connection. While it is held nothing passes, not even a close: what the sender sends stays in the
 * kernel's buffers, as it would in front of a cut cable, and goes on when the lane is released. So nothing is ever lost
 * out of the middle of a stream, and memory is bounded.
 */
export class Lane {
  readonly #source: Socket;
  readonly #destination: Socket;
  readonly #delayed: { readonly cargo: Cargo; readonly dueAt: number }[] = [];
  #delayedBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #isHeld = false;
  #isDraining = false;
  /** How the source has closed while the lane was held. */
  #heldBack: 'end' | 'reset' | null = null;
  #delayMs: number;

  /** `inspect` sees the bytes when they are about to leave, and returns those that may. */
  constructor(
    source: Socket,
    destination: Socket,
    options: { delayMs: number; inspect: (bytes: Buffer) => Buffer },
  ) {
    this.#source = source;
    this.#destination = destination;
    this.#delayMs = options.delayMs;
    source.on('data', (bytes: Buffer) => this.#take(options.inspect(bytes)));
    source.on('end', () => this.#take('end'));
    source.on('error', () => {});
    source.on('close', (hadError) => {
      if (hadError) this.#take('reset');
    });
    destination.on('drain', () => {
      this.#isDraining = false;
      this.#flow();
    });
  }

  set delayMs(delayMs: number) {
    this.#delayMs = delayMs;
  }

  hold(): void {
    this.#isHeld = true;
    this.#flow();
  }

  release(): void {
    this.#isHeld = false;
    const heldBack = this.#heldBack;
    this.#heldBack = null;
    this.#flow();
    if (heldBack !== null) this.#take(heldBack);
    else this.#unload();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#delayed.length = 0;
  }

  #take(cargo: Cargo): void {
    if (this.#isHeld && typeof cargo === 'string') {
      this.#heldBack = cargo;
      return;
    }
    // What was read just before the lane was held is held with the rest.
    if (this.#delayMs === 0 && this.#delayed.length === 0 && !this.#isHeld) {
      this.#deliver(cargo);
      return;
    }
    this.#delayed.push({ cargo, dueAt: performance.now() + this.#delayMs });
    this.#delayedBytes += sizeOf(cargo);
    this.#flow();
    this.#unload();
  }

  /** Delivers what is due, and comes back for the rest. */
  #unload(): void {
    if (this.#isHeld || this.#timer !== null) return;
    for (let next = this.#delayed[0]; next !== undefined; next = this.#delayed[0]) {
      const leftMs = next.dueAt - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = null;
          this.#unload();
        }, leftMs);
        return;
      }
      this.#delayed.shift();
      this.#delayedBytes -= sizeOf(next.cargo);
      this.#deliver(next.cargo);
    }
    this.#flow();
  }

  #deliver(cargo: Cargo): void {
    if (cargo === 'reset') resetSocket(this.#destination);
    else if (this.#destination.destroyed || this.#destination.writableEnded) return;
    else if (cargo === 'end') this.#destination.end();
    else if (cargo.length > 0 && !this.#destination.write(cargo)) {
      this.#isDraining = true;
      this.#flow();
    }
  }

  #flow(): void {
    if (this.#isHeld || this.#isDraining || this.#delayedBytes > maxDelayedBytes) this.#source.pause();
    else this.#source.resume();
  }
}

const sizeOf = (cargo: Cargo): number => (typeof cargo === 'string' ? 0 : cargo.length);
