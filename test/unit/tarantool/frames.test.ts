import { array, assert, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FrameError,
  FrameSplitter,
  checkGreeting,
  maxFrameLength,
  readHeader,
} from '../../../src/tarantool/frames.js';

const greeting = Buffer.alloc(128, 'g');

function frame(packet: string): Buffer {
  const length = Buffer.from([0xce, 0, 0, 0, 0]);
  length.writeUInt32BE(packet.length, 1);
  return Buffer.concat([length, Buffer.from(packet)]);
}

/** A frame of these bytes, which is what its header is read from. */
const withHeader = (...bytes: number[]): Buffer => Buffer.from([0xce, 0, 0, 0, bytes.length, ...bytes]);

describe('the frame splitter', () => {
  test('gives the greeting first and then whole frames, however the stream is cut', () => {
    const pieces = [greeting, frame('one'), frame('two'.repeat(300)), frame('3')];
    const stream = Buffer.concat(pieces);
    assert(
      property(array(nat(stream.length), { maxLength: 20 }), (cuts) => {
        const splitter = new FrameSplitter();
        const ends = [...cuts.toSorted((a, b) => a - b), stream.length];
        const got = ends.flatMap((end, index) => splitter.push(stream.subarray(ends[index - 1] ?? 0, end)));
        expect(got).toEqual(pieces);
      }),
    );
  });

  test('gives pieces that arrive byte by byte as soon as each is whole', () => {
    const splitter = new FrameSplitter();
    const stream = Buffer.concat([greeting, frame('abc')]);
    const sizes = [...stream].map((byte) => splitter.push(Buffer.from([byte])).length);
    expect(sizes.flatMap((size, index) => (size > 0 ? [index] : []))).toEqual([127, 135]);
  });

  test.each([
    ['no length', [0xc0, 0, 0, 0, 1], 'begins with byte 192'],
    ['length zero', [0xce, 0, 0, 0, 0], 'A packet of 0 bytes'],
    ['a length beyond the limit', [0xce, 0xff, 0xff, 0xff, 0xff], 'A packet of 4294967295 bytes'],
  ])('refuses a packet with %s before any more of it has come', (_, prefix, message) => {
    const splitter = new FrameSplitter();
    splitter.push(greeting);
    const push = () => splitter.push(Buffer.from(prefix));
    expect(push).toThrow(FrameError);
    expect(() => new FrameSplitter().push(Buffer.concat([greeting, Buffer.from(prefix)]))).toThrow(message);
  });

  test('waits for a packet of just the allowed length', () => {
    const splitter = new FrameSplitter();
    splitter.push(greeting);
    const length = Buffer.from([0xce, 0, 0, 0, 0]);
    length.writeUInt32BE(maxFrameLength, 1);
    expect(splitter.push(length)).toEqual([]);
  });
});

describe('the greeting', () => {
  test('is one of the binary port, of any version', () => {
    checkGreeting(Buffer.from('Tarantool 2.6.0 (Binary) 1b8e7d2e-0000-0000-0000-000000000000'.padEnd(128)));
    checkGreeting(Buffer.from('Tarantool 3.3.1-entrypoint (Binary) 1b8e7d2e'.padEnd(128)));
  });

  test.each(['HTTP/1.1 400 Bad Request', "Tarantool 2.6.0 (Lua console)\ntype 'help' for interactive help"])(
    'is not %s',
    (text) => {
      expect(() => checkGreeting(Buffer.from(text.padEnd(128)))).toThrow('Not a binary port of Tarantool');
    },
  );
});

describe('the header of a frame', () => {
  test('tells the request that it answers', () => {
    expect(readHeader(withHeader(0x82, 0x00, 0x00, 0x01, 0x07))).toEqual({
      kind: 'reply',
      sync: 7,
      errorNumber: null,
      bodyAt: 10,
    });
  });

  test('is read in the layout that Tarantool uses, with a 64-bit sync and a schema version', () => {
    const bytes = [
      0x83, 0x00, 0xce, 0, 0, 0x80, 0x07, 0x01, 0xcf, 0, 0, 0, 1, 0, 0, 0, 5, 0x05, 0xce, 0, 0, 0, 80,
    ];
    expect(readHeader(withHeader(...bytes))).toEqual({
      kind: 'error',
      sync: 2 ** 32 + 5,
      errorNumber: 7,
      bodyAt: 28,
    });
  });

  test('is read with its fields in any order and integers of any width', () => {
    const bytes = [0x83, 0x05, 0xcc, 200, 0x01, 0xcd, 1, 0, 0x00, 0xcd, 0x80, 0x74];
    expect(readHeader(withHeader(...bytes))).toEqual({
      kind: 'error',
      sync: 256,
      errorNumber: 116,
      bodyAt: 17,
    });
  });

  test('tells pushes and events from replies', () => {
    expect(readHeader(withHeader(0x82, 0x00, 0xcc, 0x80, 0x01, 0x07)).kind).toBe('other');
    expect(readHeader(withHeader(0x82, 0x00, 0x4c, 0x01, 0x00)).kind).toBe('other');
  });

  test.each([
    ['no map', [0xc0]],
    ['no sync', [0x81, 0x00, 0x00]],
    ['a text for a number', [0x82, 0x00, 0xa1, 0x61, 0x01, 0x07]],
    ['a field missing', [0x82, 0x00, 0x00]],
    ['a number cut short', [0x82, 0x00, 0xce, 0, 0]],
  ])('is refused with %s', (_, bytes) => {
    expect(() => readHeader(withHeader(...bytes))).toThrow(FrameError);
  });
});
