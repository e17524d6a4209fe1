import { describe, expect, test } from 'vitest';
import { type FaultKind, faultKinds, planFaults } from '../../../src/chaos/schedule.js';

const plan = (seed: number, kinds: readonly [FaultKind, ...FaultKind[]] = faultKinds) =>
  planFaults({ seed, durationMs: 300_000, kinds, replicationTimeoutMs: 250 });

describe('A schedule', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  test('has every kind about as often as any other, and none that was not asked for', () => {
    const counts = new Map<FaultKind, number>();
    for (const { kind } of plan(3)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    expect([...counts.keys()].toSorted()).toEqual(faultKinds.toSorted());
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
    expect(new Set(plan(3, ['kill', 'cut']).map(({ kind }) => kind))).toEqual(new Set(['kill', 'cut']));
  });

  test.each([1, 2, 3, 4, 5])('leaves time between its faults, and ends in time (seed %i)', (seed) => {
    const faults = plan(seed);
    for (const [index, { at, durationMs }] of faults.entries()) {
      const next = faults[index + 1]?.at ?? 300_000;
      expect(at + durationMs).toBeLessThanOrEqual(next);
    }
    expect(faults.length).toBeGreaterThan(40);
  });

  test('freezes for 0.2 to 6 replication timeouts', () => {
    const durations = plan(6, ['pause']).map(({ durationMs }) => durationMs);
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...durations)).toBeLessThanOrEqual(1_500);
  });
});
