import { expect, test } from 'vitest';
import { ConnectionLimiter } from '../../../src/http/limits/connection-limiter.js';

test('nobody has more places than there are for each, and a place that is given back is free again', () => {
  const limiter = new ConnectionLimiter(2);
  const places = [limiter.take('a'), limiter.take('a')];
  expect(limiter.take('a')).toBeNull();
  expect(limiter.take('b')).not.toBeNull();
  places[0]?.();
  expect(limiter.take('a')).not.toBeNull();
  expect(limiter.take('a')).toBeNull();
});

test('nobody is remembered who has no place', () => {
  const limiter = new ConnectionLimiter(2);
  const places = [limiter.take('a'), limiter.take('a'), limiter.take('b')];
  expect(limiter.size).toBe(2);
  for (const giveBack of places) giveBack?.();
  expect(limiter.size).toBe(0);
});

test('of 0, it limits nobody', () => {
  const limiter = new ConnectionLimiter(0);
  for (let open = 0; open < 1_000; open++) expect(limiter.take('a')).not.toBeNull();
});

test('what siblings have open counts, until they say that it is closed', () => {
  const told: string[] = [];
  const limiter = new ConnectionLimiter(3, {
    processes: 3,
    tellTokens: () => undefined,
    tellConnections: (subject, open) => void told.push(`${subject} ${open}`),
    hear: () => undefined,
  });
  limiter.setElsewhere(1, 'a', 1);
  limiter.setElsewhere(2, 'a', 1);
  const giveBack = limiter.take('a');
  expect(limiter.take('a')).toBeNull();
  limiter.setElsewhere(2, 'a', 0);
  expect(limiter.take('a')).not.toBeNull();
  expect(limiter.take('a')).toBeNull();
  giveBack?.();
  expect(limiter.take('a')).not.toBeNull();
  expect(told).toEqual(['a 1', 'a 2', 'a 1', 'a 2']);
});
