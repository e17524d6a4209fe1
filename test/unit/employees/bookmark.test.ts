import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BadInputError } from '../../../src/bad-input.js';
import { decodeBookmark, encodeBookmark } from '../../../src/employees/bookmark.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a bookmark is what it was made from, and nothing but letters that every URL may hold', () => {
  const requestIds = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 128,
  });
  const bookmarks = fc.record({ requestId: requestIds, appliedAt: fc.maxSafeNat() });
  fc.assert(
    fc.property(bookmarks, (bookmark) => {
      const text = encodeBookmark(bookmark);
      expect(text).toMatch(/^[\w-]+$/);
      expect(decodeBookmark(text, 'read.bookmark')).toEqual(bookmark);
    }),
  );
});

test.each([
  ['nothing', ''],
  ['a word', 'yesterday'],
  ['no list', encode({ version: 1, appliedAt: 5, requestId: 'abc' })],
  ['another version', encode([2, 5, 'abc'])],
  ['more than a bookmark', encode([1, 5, 'abc', 'more'])],
  ['no time', encode([1, '5', 'abc'])],
  ['a broken millisecond', encode([1, 0.5, 'abc'])],
  ['a time before all times', encode([1, -1, 'abc'])],
  ['no id', encode([1, 5])],
  ['an empty id', encode([1, 5, ''])],
  ['an id that is no key', encode([1, 5, 'a b'])],
  ['an id too long', encode([1, 5, 'x'.repeat(129)])],
  ['another spelling of one', `${encode([1, 5, 'abc'])}=`],
  ['a cursor', encode(['id', 'fingerprint', 1])],
])('%s is no bookmark', (_name, text) => {
  const decoding = () => decodeBookmark(text, 'read.bookmark');
  expect(decoding).toThrow(BadInputError);
  expect(decoding).toThrow('read.bookmark must be a bookmark from the answer of a mutation');
});
