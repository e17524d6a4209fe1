import { expect, test } from 'vitest';
import { RecentMap } from '../../src/recent-map.js';

const recentTexts = (entries: number, characters: number) =>
  new RecentMap<string>({ entries, weight: characters, weigh: (_key, text) => text.length });
const held = (texts: RecentMap<string>, keys: readonly string[]) => keys.map((key) => texts.get(key));

test('beyond the number of texts, the one that was not used for longest is forgotten', () => {
  const texts = recentTexts(2, 1_000);
  texts.set('a', 'A');
  texts.set('b', 'B');
  texts.get('a');
  texts.set('c', 'C');
  expect(held(texts, ['a', 'b', 'c'])).toEqual(['A', undefined, 'C']);
});

test('beyond the characters, as many are forgotten as must be', () => {
  const texts = recentTexts(100, 10);
  texts.set('a', 'AAAA');
  texts.set('b', 'BB');
  texts.set('c', 'CCCC');
  expect(held(texts, ['a', 'b', 'c'])).toEqual(['AAAA', 'BB', 'CCCC']);
  texts.set('d', 'DDDDDD');
  expect(held(texts, ['a', 'b', 'c', 'd'])).toEqual([undefined, undefined, 'CCCC', 'DDDDDD']);
});

test('what is deleted, or set to another value, is not found any more, also when it was used last', () => {
  const texts = recentTexts(2, 1_000);
  texts.set('a', 'A');
  expect(texts.get('a')).toBe('A');
  texts.set('a', 'B');
  expect(texts.get('a')).toBe('B');
  texts.delete('a');
  expect(texts.get('a')).toBe(undefined);
});

test('a text that is set again counts once', () => {
  const texts = recentTexts(100, 10);
  texts.set('a', 'AAAA');
  texts.set('b', 'BBBB');
  for (let times = 0; times < 5; times += 1) texts.set('a', 'AAAA');
  expect(held(texts, ['a', 'b'])).toEqual(['AAAA', 'BBBB']);
});

test('a text that is too long for all of it is not kept', () => {
  const texts = recentTexts(100, 10);
  texts.set('a', 'A'.repeat(11));
  texts.set('b', 'B');
  expect(held(texts, ['a', 'b'])).toEqual([undefined, 'B']);
});
