import { describe, expect, test } from 'vitest';
import {
  type Measurement,
  measurementOf,
  median,
  pairedRatios,
  spreadOf,
  summarise,
} from '../../../src/bench/figures.js';

const measured = (contestant: string, round: number, perSecond: number): Measurement => ({
  workload: 'point read',
  contestant,
  round,
  answers: perSecond,
  perSecond,
  p50Ms: 1,
  p99Ms: 2,
  cpuMicros: 50,
  residentBytes: 1_000,
  calls: 1,
});

describe('The median', () => {
  test('is the middle one, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([7])).toBe(7);
  });

  test('of an even number lies between the two in the middle', () => {
    expect(median([4, 1, 100, 2])).toBe(3);
  });

  test('of nothing is no number', () => {
    expect(median([])).toBeNaN();
  });
});

test('The spread leaves nothing out', () => {
  expect(spreadOf([3, 90, 1, 4, 5])).toEqual({ low: 1, median: 4, high: 90 });
});

describe('Ratios', () => {
  test('are taken within each round: what slows a whole round down falls out', () => {
    const one = [measured('one', 0, 100), measured('one', 1, 50), measured('one', 2, 10)];
    const other = [measured('other', 0, 200), measured('other', 1, 100), measured('other', 2, 20)];
    expect(pairedRatios(one, other)).toEqual([0.5, 0.5, 0.5]);
  });

  test('pair rounds by their number, and leave out those that only one has', () => {
    const one = [measured('one', 0, 100), measured('one', 1, 30)];
    const other = [measured('other', 1, 10), measured('other', 2, 1)];
    expect(pairedRatios(one, other)).toEqual([3]);
  });
});

describe('A summary', () => {
  test('has a line for each workload and contestant, in the order of the measurements', () => {
    const other = { ...measured('rival', 0, 10), workload: 'mutation' };
    const lines = summarise([measured('ours', 0, 20), measured('rival', 0, 40), other], 'rival');
    expect(lines.map(({ workload, contestant }) => `${workload}: ${contestant}`)).toEqual([
      'point read: ours',
      'point read: rival',
      'mutation: rival',
    ]);
  });

  test('compares with the rival round by round, not median by median', () => {
    const ours = [10, 20, 90].map((perSecond, round) => measured('ours', round, perSecond));
    const rival = [40, 20, 30].map((perSecond, round) => measured('rival', round, perSecond));
    const [line] = summarise([...ours, ...rival], 'rival');
    expect(line).toMatchObject({
      perSecond: { low: 10, median: 20, high: 90 },
      ratio: { low: 0.25, median: 1, high: 3 },
    });
  });

  test('takes the median of what is no throughput', () => {
    const rounds = [1, 50, 2].map((p99Ms, round) => ({ ...measured('ours', round, 1), p99Ms }));
    expect(summarise(rounds, 'ours')[0]?.p99Ms).toBe(2);
  });
});

test('One load is told per second and per answer', () => {
  const place = { workload: 'list of 20', contestant: 'ours', round: 3 };
  const latenciesMs = Array.from({ length: 200 }, (_, index) => index + 1);
  const evidence = { elapsedMs: 2_000, latenciesMs, cpuMs: 100, residentBytes: 5_000, calls: 210 };
  expect(measurementOf(place, evidence)).toEqual({
    ...place,
    answers: 200,
    perSecond: 100,
    p50Ms: 100,
    p99Ms: 198,
    cpuMicros: 500,
    residentBytes: 5_000,
    calls: 1.05,
  });
});
