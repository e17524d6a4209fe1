/**
 * MessagePack as the tests need it, apart from the library that the driver uses: so that one is checked by the other.
 * A `bigint` stands for a 64-bit integer, a `number` for anything from a small integer to a double.
 */
export function encode(value: unknown): Buffer {
  if (value === null || value === undefined) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number') return Number.isInteger(value) ? encodeInteger(value) : encodeDouble(value);
  if (typeof value === 'bigint') return encodeBigInt(value);
  if (typeof value === 'string') {
    return Buffer.concat([prefixed(0xdb, Buffer.byteLength(value)), Buffer.from(value)]);
  }
  if (Buffer.isBuffer(value)) return Buffer.concat([prefixed(0xc6, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([prefixed(0xdd, value.length), ...value.map(encode)]);
  return encodeMap(value instanceof Map ? value : Object.entries(value));
}

/** A map whose keys may be integers, as IPROTO's are. */
export function encodeMap(entries: Iterable<readonly [unknown, unknown]>): Buffer {
  const parts = [...entries].flatMap(([key, value]) => [encode(key), encode(value)]);
  const length = parts.length / 2;
  return Buffer.concat([length < 16 ? Buffer.from([0x80 + length]) : prefixed(0xdf, length), ...parts]);
}

function prefixed(marker: number, length: number): Buffer {
  const bytes = Buffer.alloc(5, marker);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

function encodeInteger(value: number): Buffer {
  if (value >= 0 && value < 0x80) return Buffer.from([value]);
  if (value >= 0 && value < 2 ** 32) return prefixed(0xce, value);
  return encodeBigInt(BigInt(value));
}

function encodeBigInt(value: bigint): Buffer {
  const bytes = Buffer.alloc(9, value < 0n ? 0xd3 : 0xcf);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value), 1);
  return bytes;
}

function encodeDouble(value: number): Buffer {
  const bytes = Buffer.alloc(9, 0xcb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

/** Decodes one value; 64-bit integers become a `bigint` and maps a `Map`, so that nothing about the bytes is lost. */
export function decode(bytes: Buffer, start = 0): { value: unknown; end: number } {
  const marker = bytes.readUInt8(start);
  const at = start + 1;
  if (marker < 0x80) return { value: marker, end: at };
  if (marker < 0x90) return decodeMap(bytes, at, marker & 0x0f);
  if (marker < 0xa0) return decodeArray(bytes, at, marker & 0x0f);
  if (marker < 0xc0) return decodeText(bytes, at, marker & 0x1f);
  if (marker >= 0xe0) return { value: marker - 0x100, end: at };
  const read = (length: number) => bytes.readUIntBE(at, length);
  switch (marker) {
    case 0xc0:
      return { value: null, end: at };
    case 0xc2:
      return { value: false, end: at };
    case 0xc3:
      return { value: true, end: at };
    case 0xcb:
      return { value: bytes.readDoubleBE(at), end: at + 8 };
    case 0xcc:
      return { value: read(1), end: at + 1 };
    case 0xcd:
      return { value: read(2), end: at + 2 };
    case 0xce:
      return { value: read(4), end: at + 4 };
    case 0xcf:
      return { value: bytes.readBigUInt64BE(at), end: at + 8 };
    case 0xd0:
      return { value: bytes.readIntBE(at, 1), end: at + 1 };
    case 0xd1:
      return { value: bytes.readIntBE(at, 2), end: at + 2 };
    case 0xd2:
      return { value: bytes.readIntBE(at, 4), end: at + 4 };
    case 0xd3:
      return { value: bytes.readBigInt64BE(at), end: at + 8 };
    case 0xd8:
      // An extension of 16 bytes, such as Tarantool's UUIDs: its type, then its bytes.
      return { value: bytes.subarray(at + 1, at + 17), end: at + 17 };
    case 0xd9:
      return decodeText(bytes, at + 1, read(1));
    case 0xda:
      return decodeText(bytes, at + 2, read(2));
    case 0xdb:
      return decodeText(bytes, at + 4, read(4));
    case 0xdc:
      return decodeArray(bytes, at + 2, read(2));
    case 0xdd:
      return decodeArray(bytes, at + 4, read(4));
    case 0xde:
      return decodeMap(bytes, at + 2, read(2));
    case 0xdf:
      return decodeMap(bytes, at + 4, read(4));
    default:
      throw new TypeError(`No MessagePack that the tests know begins with ${marker}`);
  }
}

function decodeText(bytes: Buffer, start: number, length: number) {
  return { value: bytes.toString('utf8', start, start + length), end: start + length };
}

function decodeArray(bytes: Buffer, start: number, length: number) {
  const items: unknown[] = [];
  let end = start;
  while (items.length < length) {
    const item = decode(bytes, end);
    items.push(item.value);
    end = item.end;
  }
  return { value: items, end };
}

function decodeMap(bytes: Buffer, start: number, length: number) {
  const { value, end } = decodeArray(bytes, start, length * 2);
  const entries = Array.from({ length }, (_, index) => [value[index * 2], value[index * 2 + 1]] as const);
  return { value: new Map(entries), end };
}
