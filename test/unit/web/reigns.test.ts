import { describe, expect, test } from 'vitest';
import { lastPause, reignsOf, spanFor, stripOf } from '../../../web/console/state/reigns.js';
import { elected, instant, lost } from './changes.js';

const story = [
  elected(1, 'a', { second: 0 }),
  lost(2, 'a', { second: 30 }),
  elected(3, 'b', { second: 31, term: 2, after: 'a', ms: 980 }),
];

test('each change begins a reign that lasts until the next one', () => {
  expect(reignsOf(story).map(({ leader, from, until }) => [leader, from, until])).toEqual([
    ['a', instant(0), instant(30)],
    [null, instant(30), instant(31)],
    ['b', instant(31), null],
  ]);
});

describe('the last pause', () => {
  test('is the last one that has ended, with who led before and after it', () => {
    const pause = lastPause([...story, lost(4, 'b')]);
    expect(pause).toMatchObject({ from: 'a', to: 'b', ms: 980, term: 2 });
  });

  test('is not the first election that a gateway saw: nobody knows what was before', () => {
    expect(lastPause([elected(1, 'a')])).toBeNull();
    expect(lastPause([])).toBeNull();
  });
});

describe('the strip', () => {
  const minute = 60_000;

  test('ends now, and is as long as its span', () => {
    const pieces = stripOf(reignsOf(story), instant(60), minute);
    expect(pieces.map(({ leader, x, width }) => [leader, x, Math.round(width)])).toEqual([
      ['a', 0, 50],
      [null, 50, 2],
      ['b', expect.closeTo(51.7, 1), 48],
    ]);
  });

  test('shows a pause of milliseconds wide enough to be seen', () => {
    const brief = [
      elected(1, 'a', { second: 0 }),
      lost(2, 'a', { second: 30 }),
      elected(3, 'b', { second: 30.01 }),
    ];
    const [, pause] = stripOf(reignsOf(brief), instant(60), minute);
    expect(pause?.width).toBe(1);
  });

  test('leaves out what was before it', () => {
    expect(stripOf(reignsOf(story), instant(300), minute).map(({ leader }) => leader)).toEqual(['b']);
  });

  test('spans the last few changes, a minute at least and an hour at most', () => {
    expect(spanFor([], instant(0))).toBe(minute);
    expect(spanFor(reignsOf(story), instant(100))).toBe(2 * minute);
    expect(spanFor(reignsOf(story), instant(100_000))).toBe(60 * minute);
  });
});
