import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onExpiry } from '../../../src/access/expiry.js';
import type { Identity } from '../../../src/access/identity.js';
import { systemClock } from '../../../src/clock.js';

const day = 86_400_000;

let expired: number;
let gone: AbortController;
beforeEach(() => {
  vi.useFakeTimers();
  expired = 0;
  gone = new AbortController();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(expiresAt: number | null): void {
  const identity: Identity = { subject: 'ada', permissions: new Set(), expiresAt };
  onExpiry(identity, () => (expired += 1), { clock: systemClock, signal: gone.signal });
}

test('an identity ends when its time has come, and not before', () => {
  watch(Date.now() + 1_000);
  vi.advanceTimersByTime(999);
  expect(expired).toBe(0);
  vi.advanceTimersByTime(1);
  expect(expired).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('one that ends in a hundred days ends then, though a timer counts to 25', () => {
  watch(Date.now() + 100 * day);
  vi.advanceTimersByTime(100 * day - 1);
  expect(expired).toBe(0);
  vi.advanceTimersByTime(1);
  expect(expired).toBe(1);
});

test('a clock that is set forward is noticed within ten minutes', () => {
  watch(Date.now() + 100 * day);
  vi.setSystemTime(Date.now() + 101 * day);
  vi.advanceTimersByTime(600_000);
  expect(expired).toBe(1);
});

test('one that has ended already is told at once; one without an end, never', () => {
  watch(Date.now());
  expect(expired).toBe(1);
  watch(null);
  expect(vi.getTimerCount()).toBe(0);
});

test('nothing is left once nobody cares', () => {
  watch(Date.now() + 1_000);
  gone.abort();
  expect(vi.getTimerCount()).toBe(0);
  watch(Date.now() - 1);
  expect(expired).toBe(0);
});
