import { expect, test } from 'vitest';
import { orderOf } from '../../../src/bench/rounds.js';

test('Each round begins with another contestant, and all run in each', () => {
  const rounds = [0, 1, 2, 3].map((round) => orderOf(['a', 'b', 'c'], round).join(''));
  expect(rounds).toEqual(['abc', 'bca', 'cab', 'abc']);
});
