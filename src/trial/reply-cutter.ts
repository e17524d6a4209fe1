import { FrameSplitter, readHeader } from '../tarantool/frames.js';

/** Which answer is to be lost, and from where on. */
export interface ReplyCut {
  /** A text that its request must contain, such as the name of a function. */
  readonly containing: string;
  /** How many bytes of it still pass; never the whole answer. */
  readonly afterBytes: number;
}

const greetingLength = 128;

/**
 * Watches one connection of Tarantool's protocol for the answer to a request that was chosen: the server has done what it
 * was asked for, and the client will not hear of it.
 */
export class ReplyCutter {
  /** Takes the cut that waits for a request like this one, if any does. */
  readonly #claim: (request: Buffer) => ReplyCut | null;
  readonly #requests = new FrameSplitter();
  readonly #replies = new FrameSplitter();
  #isGreeted = false;
  #chosen: { readonly sync: number; readonly cut: ReplyCut } | null = null;
  #isOver = false;

  constructor(claim: (request: Buffer) => ReplyCut | null) {
    this.#claim = claim;
    // Only the server greets, and a splitter expects it.
    this.#requests.push(Buffer.alloc(greetingLength));
  }

  /** To be told of all bytes on their way to the server. */
  watchRequests(bytes: Buffer): void {
    for (const frame of this.#requests.push(bytes)) {
      const cut = this.#chosen === null ? this.#claim(frame) : null;
      if (cut !== null) this.#chosen = { sync: readHeader(frame).sync, cut };
    }
  }

  /** Of the bytes on their way to the client, those that may pass, whole frames only; and whether it ends there. */
  filterReplies(bytes: Buffer): { readonly passing: Buffer; readonly isCut: boolean } {
    const passing: Buffer[] = [];
    if (this.#isOver) return { passing: Buffer.alloc(0), isCut: false };
    for (const frame of this.#replies.push(bytes)) {
      const cut = this.#isGreeted && readHeader(frame).sync === this.#chosen?.sync ? this.#chosen.cut : null;
      this.#isGreeted = true;
      if (cut === null) {
        passing.push(frame);
        continue;
      }
      this.#isOver = true;
      passing.push(frame.subarray(0, Math.min(cut.afterBytes, frame.length - 1)));
      return { passing: Buffer.concat(passing), isCut: true };
    }
    return {
      passing: passing.length === 1 && passing[0] ? passing[0] : Buffer.concat(passing),
      isCut: false,
    };
  }
}
