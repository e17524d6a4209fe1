import { expect, test } from 'vitest';
import { History } from '../../../src/trial/history.js';
import { SeededRandom } from '../../../src/trial/random.js';

test('a history has operations in the order of their begin; one without an answer is in doubt', () => {
  let now = 0;
  const history = new History<string>(() => (now += 1));
  const first = history.begin('A', 'first');
  history.begin('B', 'second');
  first({ kind: 'ok', value: 7 });
  expect(history.operations).toEqual([
    { client: 'A', action: 'first', invokedAt: 1, completedAt: 3, outcome: { kind: 'ok', value: 7 } },
    {
      client: 'B',
      action: 'second',
      invokedAt: 2,
      completedAt: null,
      outcome: { kind: 'unknown', code: 'UNANSWERED' },
    },
  ]);
  expect([...history.toLines()].map((line): unknown => JSON.parse(line))).toEqual(history.operations);
});

const draw = (seed: number) => {
  const random = new SeededRandom(seed);
  return Array.from({ length: 100 }, () => random.between(1, 6));
};

test('a seed gives the same numbers each time, and another seed others', () => {
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  expect(new Set(draw(1))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
});
