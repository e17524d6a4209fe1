import { describe, expect, test } from 'vitest';
import { formatDuration, formatLag, formatUptime, splitDuration } from '../../../web/console/state/format.js';
import { parseWhole } from '../../../web/console/state/list-request.js';
import { shorten } from '../../../web/console/state/words.js';

test.each([
  [-3, '0 ms'],
  [0.4, '0 ms'],
  [14, '14 ms'],
  [1_000, '1.0 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [59_499, '59 s'],
  [59_500, '1 min'],
  [250_000, '4 min 10 s'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('a duration of %s ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('a duration in large type has its figure and its unit apart', () => {
  expect(splitDuration(184)).toEqual({ figure: '184', unit: 'ms' });
  expect(splitDuration(250_000)).toEqual({ figure: '4', unit: 'min 10 s' });
});

test.each([
  [0.000_05, '0 ms'],
  [0.002_8, '2.8 ms'],
  // Clocks of two machines differ: a lag may be negative.
  [-0.002_8, '2.8 ms'],
  [0.25, '250 ms'],
  [3, '3.0 s'],
])('a lag of %s s is %s', (seconds, text) => {
  expect(formatLag(seconds)).toBe(text);
});

test.each([
  [0, '1 s'],
  [74, '1 min'],
  [7_500, '2 h'],
])('an uptime of %s s is %s', (seconds, text) => {
  expect(formatUptime(seconds)).toBe(text);
});

describe('a whole number', () => {
  test.each([
    ['6000', 6000],
    [' 6 000 ', 6000],
    ['6,000', 6000],
    ['-5', -5],
  ])('%j is %s', (text, value) => {
    expect(parseWhole(text)).toBe(value);
  });

  test.each(['', ' ', 'much', '1.5', '1e3', '0x10', '9'.repeat(16)])('%j is none', (text) => {
    expect(parseWhole(text)).toBeNull();
  });
});

test('a long name keeps its beginning and its end', () => {
  expect(shorten('instance001', 11)).toBe('instance001');
  expect(shorten('storage-east-1a-replica-003', 12)).toBe('storag…a-003');
  expect(shorten('😀'.repeat(20), 5)).toBe('😀😀…😀😀');
});
