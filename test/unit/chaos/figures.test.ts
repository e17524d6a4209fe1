import { describe, expect, test } from 'vitest';
import { nameOf, summarizePauses } from '../../../src/chaos/figures.js';
import type { InjectedFault } from '../../../src/chaos/injector.js';
import { measurePauses } from '../../../src/chaos/pauses.js';
import { percentile } from '../../../src/trial/percentile.js';
import type { PlannedFault } from '../../../src/chaos/schedule.js';

const fault = (
  injectedAt: number,
  planned: Partial<PlannedFault> = {},
  healedAt: number | null = null,
): InjectedFault => ({
  planned: {
    number: 1,
    at: 0,
    kind: 'kill',
    durationMs: 0,
    victim: 'leader',
    link: null,
    amount: 0,
    ...planned,
  },
  hit: '',
  leader: 'a',
  injectedAt,
  healedAt,
});

const pausesOf = (faults: readonly number[], acknowledgedAt: readonly number[], endedAt = 1_000) =>
  measurePauses(
    faults.map((at) => fault(at)),
    acknowledgedAt,
    endedAt,
  ).map(({ pauseMs }) => pauseMs);

describe('A pause', () => {
  test('is the longest time without an acknowledged write from its fault on', () => {
    expect(pausesOf([100], [10, 90, 101, 141, 145, 990])).toEqual([845]);
    expect(pausesOf([100], [10, 90, 101, 141, 145, 150], 160)).toEqual([40]);
  });

  test('begins with its fault, and not before', () => {
    expect(pausesOf([100], [10, 130, 140], 150)).toEqual([30]);
  });

  test('ends with the next fault', () => {
    expect(pausesOf([100, 200], [110, 190, 290], 300)).toEqual([80, 90]);
  });

  test('lasts until the end when no write is acknowledged any more', () => {
    expect(pausesOf([100], [90], 700)).toEqual([600]);
  });
});

test('what stands still after the mending is told apart, and so is the time before the fault', () => {
  const [pause] = measurePauses(
    [fault(1_000, {}, 1_200)],
    [100, 700, 900, 1_010, 1_190, 1_230, 1_900],
    2_000,
  );
  // The time that began before the mending counts whole.
  expect(pause).toMatchObject({ pauseMs: 180, mendingMs: 670, calmMs: 200 });
  const [spanning] = measurePauses([fault(1_000, {}, 1_200)], [900, 1_400], 1_500);
  expect(spanning).toMatchObject({ pauseMs: 400, mendingMs: 100, calmMs: 400 });
});

test('a percentile is the least value that so many do not exceed', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([
    percentile(values, 0.5),
    percentile(values, 0.99),
    percentile([7], 0.5),
    percentile([], 0.5),
  ]).toEqual([50, 99, 7, 0]);
});

test('faults are counted by their kind and by the part of whom they hit', () => {
  expect(nameOf(fault(0, { kind: 'cut', victim: null, link: ['follower 2', 'peers'] }))).toBe(
    'cut follower - peers',
  );
  expect(nameOf(fault(0, { kind: 'oneway', victim: null, link: ['leader', 'gateway'] }))).toBe(
    'oneway leader -> gateway',
  );
  expect(nameOf(fault(0, { kind: 'killall', victim: null }))).toBe('killall');
  const pauses = [30, 10, 20].map((pauseMs) => ({
    fault: fault(0),
    pauseMs,
    mendingMs: 2 * pauseMs,
    calmMs: 1,
  }));
  const follower = { fault: fault(0, { victim: 'follower 1' }), pauseMs: 5, mendingMs: 1, calmMs: 1 };
  expect(summarizePauses([...pauses, follower])).toEqual([
    { fault: 'kill follower', count: 1, p50Ms: 5, p99Ms: 5, worstMs: 5, worstMendingMs: 1 },
    { fault: 'kill leader', count: 3, p50Ms: 20, p99Ms: 30, worstMs: 30, worstMendingMs: 60 },
  ]);
});
