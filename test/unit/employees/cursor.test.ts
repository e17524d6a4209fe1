import { describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor, fingerprintOf } from '../../../src/employees/cursor.js';
import type { Key, OrderField } from '../../../src/employees/employee-order.js';

const filterFingerprint = fingerprintOf({});
const scope = (order: OrderField) => ({ order, filterFingerprint });

const forged = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  test.each<[OrderField, Key]>([
    ['id', [1]],
    ['id', [Number.MAX_SAFE_INTEGER]],
    ['name', ['Ñandú "x" 💼', 7]],
    ['position', ['', 7]],
    ['salary', [0, 7]],
  ])('of the order %s gives its key %j back', (order, key) => {
    const cursor = encodeCursor(key, scope(order));
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(decodeCursor(cursor, scope(order), 'after')).toEqual(key);
  });

  test('from another order is refused', () => {
    const cursor = encodeCursor(['x', 1], scope('name'));
    expect(() => decodeCursor(cursor, scope('position'), 'before')).toThrow(
      'before must be a cursor from the same order',
    );
  });

  test('from another filter is refused', () => {
    const cursor = encodeCursor([1], {
      order: 'id',
      filterFingerprint: fingerprintOf({ name: { eq: 'x' } }),
    });
    expect(() => decodeCursor(cursor, scope('id'), 'after')).toThrow(
      'after must be a cursor from the same filter',
    );
  });

  test.each([
    '',
    'garbage',
    '!!!',
    '💼',
    forged(null),
    forged({}),
    forged(['id']),
    forged(['id', filterFingerprint]),
    forged(['id', filterFingerprint, '1']),
    forged(['id', filterFingerprint, 1.5]),
    forged(['id', filterFingerprint, -1]),
    forged(['id', filterFingerprint, 1, 2]),
    forged(['name', filterFingerprint, 1, 1]),
    forged(['salary', filterFingerprint, '5', 1]),
    forged(['__proto__', filterFingerprint, 1]),
  ])('that nobody gave out is refused: %j', (cursor) => {
    expect(() => decodeCursor(cursor, scope('id'), 'after')).toThrow(
      'after must be a cursor from an earlier answer',
    );
  });
});
