import { expect, test } from 'vitest';
import { backoffMs } from '../../../src/tarantool/backoff.js';

const limits = { minMs: 10, maxMs: 500 };

test('the wait is never shorter than the least, and at most doubles with each attempt up to the longest', () => {
  const attempts = [1, 2, 3, 4, 5, 6, 7, 1000];
  expect(attempts.map((attempt) => backoffMs(attempt, limits, () => 0))).toEqual(attempts.map(() => 10));
  expect(attempts.map((attempt) => backoffMs(attempt, limits, () => 1))).toEqual([
    20, 40, 80, 160, 320, 500, 500, 500,
  ]);
});

test('the wait is spread between the two', () => {
  expect(backoffMs(3, limits, () => 0.5)).toBe(45);
});
