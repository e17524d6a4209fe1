/** Tarantool's first words: two lines of 64 bytes, the second with the salt for the login. */
const greetingLength = 128;
/** 0xce and a 32-bit length: how Tarantool writes the length in front of every packet. */
export const prefixLength = 5;
/** The largest page, with the longest texts, is some 1 MiB; what claims to be larger than this is not a packet of ours. */
export const maxFrameLength = 8 * 1024 * 1024;
/** The largest page has some 2,500. Of empty lists, a byte each, 8 MiB would become half a gigabyte of objects. */
const maxValues = 500_000;
/** What is smaller holds few values. */
const weighedFrom = 64 * 1024;

/** Bytes that are not what Tarantool's binary protocol (IPROTO) allows. The stream cannot be followed any further. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Cuts a stream of bytes into the pieces that Tarantool sent: the greeting first, then frames (prefix and packet). */
export class FrameSplitter {
  #greeted = false;
  /** The beginning of a piece of which `#needed` bytes must be there before it can be looked at again. */
  #rest: Buffer[] = [];
  #restLength = 0;
  #needed = greetingLength;

  /** The pieces that `chunk` completes, in order. Throws a {@link FrameError}; then call it no more. */
  push(chunk: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    this.#rest.push(chunk);
    this.#restLength += chunk.length;
    if (this.#restLength < this.#needed) return pieces;
    // Joined only when the piece is whole, so that a large reply in many chunks is copied once.
    const bytes = this.#rest.length === 1 ? chunk : Buffer.concat(this.#rest, this.#restLength);
    let offset = 0;
    for (;;) {
      const length = this.#pieceLength(bytes, offset);
      if (bytes.length - offset < length) {
        this.#needed = length;
        break;
      }
      pieces.push(bytes.subarray(offset, offset + length));
      offset += length;
      this.#greeted = true;
    }
    this.#restLength = bytes.length - offset;
    this.#rest = this.#restLength === 0 ? [] : [bytes.subarray(offset)];
    return pieces;
  }

  /** Length of the piece at `offset`, or of its prefix while that is incomplete. */
  #pieceLength(bytes: Buffer, offset: number): number {
    if (!this.#greeted) return greetingLength;
    if (bytes.length - offset < prefixLength) return prefixLength;
    if (bytes[offset] !== 0xce)
      throw new FrameError(`A packet begins with byte ${bytes[offset]} instead of 206`);
    const length = bytes.readUInt32BE(offset + 1);
    if (length === 0 || length > maxFrameLength) {
      throw new FrameError(`A packet of ${length} bytes; 1 to ${maxFrameLength} are allowed`);
    }
    return prefixLength + length;
  }
}

/** Throws a {@link FrameError} when this is not the greeting of Tarantool's binary port. */
export function checkGreeting(greeting: Buffer): void {
  const line = greeting.toString('latin1', 0, 63).trimEnd();
  // The text console of Tarantool greets too, and ends in "(Lua console)".
  if (!/^Tarantool .*\(Binary\)/.test(line)) {
    throw new FrameError(`Not a binary port of Tarantool; it says ${JSON.stringify(line)}`);
  }
}

/** The part of a frame's header that we use. */
export interface FrameHeader {
  readonly kind: 'reply' | 'error' | 'other';
  /** The number that the request was sent with. */
  readonly sync: number;
  /** Tarantool's error number; null unless `kind` is `error`. */
  readonly errorNumber: number | null;
  /** Where the body begins, or where the frame ends if it has none. */
  readonly bodyAt: number;
}

const keyType = 0x00;
const keySync = 0x01;
const errorBit = 0x8000;

/** Reads the header of a whole frame: a MessagePack map of unsigned integers. Throws a {@link FrameError}. */
export function readHeader(frame: Buffer): FrameHeader {
  const map = frame.readUInt8(prefixLength);
  if (map >> 4 !== 0x8) throw new FrameError(`A header begins with byte ${map} instead of a map`);
  const fields = new UintReader(frame, prefixLength + 1);
  let type: number | undefined;
  let sync: number | undefined;
  for (let left = map & 0x0f; left > 0; left--) {
    const key = fields.next();
    const value = fields.next();
    if (key === keyType) type = value;
    else if (key === keySync) sync = value;
  }
  if (type === undefined || sync === undefined) throw new FrameError('A header without type or sync');
  const bodyAt = fields.offset;
  if (type === 0) return { kind: 'reply', sync, errorNumber: null, bodyAt };
  // The rest are pushes (IPROTO_CHUNK) and events: we never ask for them.
  if ((type & errorBit) === 0) return { kind: 'other', sync, errorNumber: null, bodyAt };
  return { kind: 'error', sync, errorNumber: type & (errorBit - 1), bodyAt };
}

/** MessagePack's unsigned integers, one after another. */
class UintReader {
  readonly #bytes: Buffer;
  #offset: number;

  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  next(): number {
    const marker = this.#take(1);
    if (marker < 0x80) return marker;
    switch (marker) {
      case 0xcc:
        return this.#take(1);
      case 0xcd:
        return this.#take(2);
      case 0xce:
        return this.#take(4);
      case 0xcf:
        return this.#take(4) * 2 ** 32 + this.#take(4);
      default:
        throw new FrameError(`Byte ${marker} instead of an unsigned integer in a header`);
    }
  }

  #take(length: 1 | 2 | 4): number {
    const start = this.#offset;
    this.#offset += length;
    if (this.#offset > this.#bytes.length) throw new FrameError('A packet ends within its header');
    return this.#bytes.readUIntBE(start, length);
  }
}

/** Bytes of a value that come after its marker, by that marker, for those without anything inside. */
function lengthOf(marker: number, bytes: Buffer, at: number): number {
  switch (marker) {
    case 0xc4:
    case 0xd9:
      return 1 + bytes.readUInt8(at);
    case 0xc5:
    case 0xda:
      return 2 + bytes.readUInt16BE(at);
    case 0xc6:
    case 0xdb:
      return 4 + bytes.readUInt32BE(at);
    case 0xc7:
      return 2 + bytes.readUInt8(at);
    case 0xc8:
      return 3 + bytes.readUInt16BE(at);
    case 0xc9:
      return 5 + bytes.readUInt32BE(at);
    case 0xcc:
    case 0xd0:
      return 1;
    case 0xcd:
    case 0xd1:
    case 0xd4:
      return 2;
    case 0xd5:
      return 3;
    case 0xca:
    case 0xce:
    case 0xd2:
      return 4;
    case 0xd6:
      return 5;
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return 8;
    case 0xd7:
      return 9;
    case 0xd8:
      return 17;
    default:
      return marker >= 0xa0 && marker < 0xc0 ? marker - 0xa0 : 0;
  }
}

/** How many values follow in a list or a map, and the bytes that say so; null for what is neither. */
function insideOf(marker: number, bytes: Buffer, at: number): { count: number; bytes: number } | null {
  if (marker >= 0x80 && marker < 0x90) return { count: 2 * (marker - 0x80), bytes: 0 };
  if (marker >= 0x90 && marker < 0xa0) return { count: marker - 0x90, bytes: 0 };
  if (marker === 0xdc) return { count: bytes.readUInt16BE(at), bytes: 2 };
  if (marker === 0xdd) return { count: bytes.readUInt32BE(at), bytes: 4 };
  if (marker === 0xde) return { count: 2 * bytes.readUInt16BE(at), bytes: 2 };
  if (marker === 0xdf) return { count: 2 * bytes.readUInt32BE(at), bytes: 4 };
  return null;
}

/** The markers of lists and maps that may have more than 15 items: what reads them makes room for all at once. */
const longMarkers = [0xdc, 0xdd, 0xde, 0xdf];

/**
 * Throws a {@link FrameError} for a frame that would become far more memory than it has bytes: one that claims more
 * values than it can hold, in one list or in lists inside lists, or holds very many small ones. Nothing is decoded for that.
 */
export function weighFrame(frame: Buffer): void {
  // Most are small: nothing in them is long, nor can there be many values.
  if (frame.length < weighedFrom && !longMarkers.some((marker) => frame.includes(marker))) return;
  let values = 0;
  let claimed = 0;
  for (let at = prefixLength; at < frame.length;) {
    const marker = frame.readUInt8(at);
    at += 1;
    values += 1;
    if (values > maxValues) throw new FrameError(`A packet of more than ${maxValues} values`);
    const inside = insideOf(marker, frame, at);
    if (inside === null) {
      at += lengthOf(marker, frame, at);
      continue;
    }
    claimed += inside.count;
    // Each value has a byte at least.
    if (claimed > frame.length) throw new FrameError('A list that cannot be whole');
    at += inside.bytes;
  }
}
