/*
 * Calls of stored functions in Tarantool's binary protocol. The driver could make them, but its codec takes three times as
 * long for a page of rows, and it forgets the numbers of errors.
 *
 * Tarantool's manual, "Binary protocol": https://www.tarantool.io/en/doc/latest/reference/internals/iproto/
 */
import { Packr, Unpackr } from 'msgpackr';
import { FrameError, type FrameHeader, prefixLength } from './frames.js';
import { packIntegers } from './integers.js';

/** What a node says of a call. */
export type CallAnswer =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly errorNumber: number; readonly message: string };

// Plain MessagePack: no records, the shortest head for a map, and null for what is undefined.
const packer = new Packr({ useRecords: false, variableMapSize: true, encodeUndefinedAsNil: true });
// What is beyond 53 bits becomes a double, as it would in JSON.
const unpacker = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/** Keys of bodies, as numbers and as the names of properties that they become. */
const keyArguments = 0x21;
const keyFunction = 0x22;
const keyData = String(0x30);
const keyErrorText = String(0x31);
const keyError = String(0x52);
const keyErrorStack = '0';
const keyErrorMessage = '3';

const callType = 0x0a;
/** Behind the prefix, the map, the type, the key and 0xce: the driver lays its requests out alike. */
const syncOffset = 10;

/** The bytes of a call from the prefix to the arguments, but for its length and its sync: the same for all of a function. */
const beginnings = new Map<string, Buffer>();

/** The only functions that are called are ours, and there are few. */
function beginningOf(fn: string): Buffer {
  const known = beginnings.get(fn);
  if (known !== undefined) return known;
  const header = [0xce, 0, 0, 0, 0, 0x82, 0x00, callType, 0x01, 0xce, 0, 0, 0, 0];
  const beginning = Buffer.concat([
    Buffer.from([...header, 0x82, keyFunction]),
    packer.pack(fn),
    Buffer.from([keyArguments]),
  ]);
  beginnings.set(fn, beginning);
  return beginning;
}

/** One whole request. `sync` has 32 bits. Throws what cannot be encoded. */
export function encodeCall(sync: number, fn: string, args: readonly unknown[]): Buffer {
  const beginning = beginningOf(fn);
  const body = packer.pack(packIntegers(args));
  const frame = Buffer.allocUnsafe(beginning.length + body.length);
  beginning.copy(frame);
  body.copy(frame, beginning.length);
  frame.writeUInt32BE(frame.length - prefixLength, 1);
  frame.writeUInt32BE(sync, syncOffset);
  return frame;
}

/** The number that a request was made with, by us or by the driver. */
export const syncOf = (request: Buffer): number => request.readUInt32BE(syncOffset);

/** Reads what a frame with this header, that was weighed, says of a call. Throws a {@link FrameError}, or what the codec throws. */
export function decodeAnswer(frame: Buffer, { bodyAt, errorNumber }: FrameHeader): CallAnswer {
  const body: unknown = bodyAt < frame.length ? unpacker.unpack(frame.subarray(bodyAt)) : null;
  if (!isFields(body)) throw new FrameError('A packet without a body');
  if (errorNumber !== null) return { kind: 'refused', errorNumber, message: messageIn(body) };
  const results = body[keyData];
  return { kind: 'result', value: Array.isArray(results) ? results[0] : undefined };
}

/** The text of the last error; old nodes send nothing else. */
function messageIn(body: Fields): string {
  const stack: unknown = fieldsOf(body[keyError])[keyErrorStack];
  const [last]: readonly unknown[] = Array.isArray(stack) ? stack : [];
  const text = fieldsOf(last)[keyErrorMessage] ?? body[keyErrorText];
  return typeof text === 'string' ? text : 'The node gave no text';
}

type Fields = Readonly<Record<string, unknown>>;

/** Not a list, nor what the codec makes of a byte that is no MessagePack. */
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
