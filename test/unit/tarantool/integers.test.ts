import { expect, test } from 'vitest';
import { packIntegers } from '../../../src/tarantool/integers.js';

test('integers beyond 32 bits are packed at any depth, and nothing else is touched', () => {
  const max = Number.MAX_SAFE_INTEGER;
  const value = {
    id: max,
    rows: [{ id: 2 ** 31, salary: 2 ** 31 - 1 }],
    after: [-(2 ** 31) - 1, null, 'x', 1.5],
  };
  expect(packIntegers(value)).toEqual({
    id: BigInt(max),
    rows: [{ id: 2147483648n, salary: 2147483647 }],
    after: [-2147483649n, null, 'x', 1.5],
  });
});

test('what has no such integer is not copied', () => {
  const value = { id: 1, rows: [{ name: 'Ann' }], none: null, absent: undefined };
  expect(packIntegers(value)).toBe(value);
});

test('the value that was given is not changed', () => {
  const value = { rows: [{ id: 2 ** 40 }] };
  packIntegers(value);
  expect(value).toEqual({ rows: [{ id: 2 ** 40 }] });
});

test('numbers that are not exact integers stay doubles', () => {
  const numbers = [2 ** 53, 1e300, 4294967296.5, Infinity, -0];
  expect(packIntegers(numbers)).toBe(numbers);
});

test('values that the codec encodes in its own way are left alone', () => {
  const values = [Buffer.from([1]), new Date(0)];
  expect(packIntegers(values)).toBe(values);
});

test('objects without a prototype, such as GraphQL arguments, are packed too', () => {
  const input: unknown = Object.assign(Object.create(null), { id: 2 ** 40 });
  expect(packIntegers(input)).toEqual({ id: 1099511627776n });
});
