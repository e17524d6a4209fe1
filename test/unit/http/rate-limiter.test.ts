import { expect, test } from 'vitest';
import { RateLimiter } from '../../../src/http/limits/rate-limiter.js';
import type { Siblings } from '../../../src/http/siblings.js';
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

test('one may ask how long to wait, and takes nothing by it', () => {
  const limiter = new RateLimiter(1, new ManualClock());
  expect([limiter.waitMsOf('a'), limiter.waitMsOf('a'), limiter.take('a')]).toEqual([0, 0, 0]);
  expect(limiter.waitMsOf('a')).toBe(1_000);
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

/** Siblings that write down what they are told. */
function listeningSiblings(): { readonly told: string[]; readonly siblings: Siblings } {
  const told: string[] = [];
  const siblings: Siblings = {
    processes: 2,
    tellTokens: (subject, tokens) => void told.push(`${subject} ${tokens}`),
    tellConnections: (subject, open) => void told.push(`${subject} ${open}`),
    hear: () => undefined,
  };
  return { told, siblings };
}

test('what is let in is told to siblings, and what they let in has to be filled up again', () => {
  const clock = new ManualClock();
  const { told, siblings } = listeningSiblings();
  const limiter = new RateLimiter(4, clock, siblings);
  expect(take(limiter, 'a', 5)).toEqual([0, 0, 0, 0, 250]);
  expect(told).toEqual(['a 1', 'a 1', 'a 1', 'a 1']);
  limiter.spend('a', 2);
  expect(limiter.take('a')).toBe(750);
  clock.advance(750);
  expect(limiter.take('a')).toBe(0);
  limiter.charge('a', 3);
  expect(told.at(-1)).toBe('a 3');
});
