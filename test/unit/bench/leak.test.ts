import { expect, test } from 'vitest';
import { growthOf } from '../../../src/bench/leak.js';

test('a heap has grown by what is left at the end beyond what was left when it had warmed up', () => {
  expect(growthOf({ leastHeapBytes: [20, 90, 40, 50, 60, 60, 60, 50, 44, 80] })).toBeCloseTo(0.1);
  expect(growthOf({ leastHeapBytes: [20, 90, 40, 50, 60, 60, 60, 50, 80, 36] })).toBeCloseTo(-0.1);
});
