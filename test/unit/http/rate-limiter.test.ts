import { expect, test } from 'vitest';
import { RateLimiter } from '../../../src/http/limits/rate-limiter.js';
import { ManualClock } from '../../support/manual-clock.js';

const take = (limiter: RateLimiter, subject: string, times: number) =>
  Array.from({ length: times }, () => limiter.take(subject));

test('a subject may ask as often as a second allows, and then whenever there is a token again', () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(4, clock);
  expect(take(limiter, 'a', 5)).toEqual([0, 0, 0, 0, 250]);
  clock.advance(100);
  expect(limiter.take('a')).toBe(150);
  clock.advance(150);
  expect(take(limiter, 'a', 2)).toEqual([0, 250]);
});

test('silence fills the bucket, and no further than to its brim', () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(2, clock);
  expect(take(limiter, 'a', 3)).toEqual([0, 0, 500]);
  clock.advance(60_000);
  expect(take(limiter, 'a', 3)).toEqual([0, 0, 500]);
});

test('what is much work takes several tokens, and who has none left owes them, for ten seconds at most', () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(4, clock);
  limiter.charge('a', 2);
  expect(take(limiter, 'a', 3)).toEqual([0, 0, 250]);
  limiter.charge('a', 3);
  expect(limiter.take('a')).toBe(1_000);
  limiter.charge('a', 1_000_000);
  expect(limiter.take('a')).toBe(10_250);
  clock.advance(10_250);
  expect(limiter.take('a')).toBe(0);
});

test('what one subject asks is not counted against another', () => {
  const limiter = new RateLimiter(1, new ManualClock());
  expect(take(limiter, 'a', 2)).toEqual([0, 1_000]);
  expect(limiter.take('b')).toBe(0);
});

test('it remembers 10,000 subjects, those that asked last', () => {
  const limiter = new RateLimiter(1, new ManualClock());
  for (let index = 0; index < 10_000; index += 1) limiter.take(String(index));
  expect(limiter.take('0')).toBe(1_000);
  limiter.take('one more');
  expect(limiter.size).toBe(10_000);
  expect(limiter.take('0')).toBe(1_000);
  // Forgotten in favour of the new one, which had not asked for longest.
  expect(limiter.take('1')).toBe(0);
});
