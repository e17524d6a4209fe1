import { describe, expect, test } from 'vitest';
import { type Add, type AddsVerdict, checkAdds } from '../../../src/trial/check-adds.js';

const ok = (name: string): Add => ({ name, outcome: { kind: 'ok', value: 1 } });
const failed = (name: string): Add => ({ name, outcome: { kind: 'failed', code: 'CLUSTER_UNAVAILABLE' } });
const unknown = (name: string): Add => ({ name, outcome: { kind: 'unknown', code: 'OUTCOME_UNKNOWN' } });

const adds = [ok('a'), ok('b'), failed('c'), unknown('d'), unknown('e')];

/** What is wrong with what two nodes have. */
function wrongs(first: readonly string[], second: readonly string[]): Partial<AddsVerdict> {
  const { lost, doubled, misreported, diverged, invented } = checkAdds(
    adds,
    new Map([
      ['one', first],
      ['two', second],
    ]),
  );
  const all = { lost, doubled, misreported, diverged, invented };
  return Object.fromEntries(Object.entries(all).filter(([, names]) => names.length > 0));
}

describe('The check of additions', () => {
  test('finds nothing when all that was acknowledged is there once, and what was in doubt is there or not', () => {
    expect(wrongs(['a', 'b', 'd'], ['b', 'd', 'a'])).toEqual({});
    expect(checkAdds(adds, new Map([['one', ['a', 'b', 'd']]]))).toMatchObject({
      acknowledged: 2,
      unknown: 2,
      unknownApplied: 1,
    });
  });

  test.each<[string, string[], string[], Partial<AddsVerdict>]>([
    ['lost on every node', ['a'], ['a'], { lost: ['b'] }],
    ['lost on one node', ['a', 'b'], ['a'], { lost: ['b'], diverged: ['b'] }],
    ['there twice', ['a', 'b', 'a'], ['a', 'b', 'a'], { doubled: ['a'] }],
    ['in doubt and there twice', ['a', 'b', 'd', 'd'], ['a', 'b', 'd', 'd'], { doubled: ['d'] }],
    ['there though it was told not to be applied', ['a', 'b', 'c'], ['a', 'b', 'c'], { misreported: ['c'] }],
    ['in doubt and there on one node only', ['a', 'b', 'd'], ['a', 'b'], { diverged: ['d'] }],
    ['there and never asked for', ['a', 'b', 'x'], ['a', 'b', 'x'], { invented: ['x'] }],
  ])('finds what is %s', (_, first, second, expected) => {
    expect(wrongs(first, second)).toEqual(expected);
  });
});
