import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';

/** WCAG 2.2, 1.4.3 and 1.4.11: 4.5 for text, 3 for the edges of what can be used. */
const pairs: readonly (readonly [string, string, number])[] = [
  ['ink', 'ground', 4.5],
  ['ink', 'surface', 4.5],
  ['ink', 'sunken', 4.5],
  ['ink', 'wait-soft', 4.5],
  ['ink', 'bad-soft', 4.5],
  ['quiet', 'ground', 4.5],
  ['quiet', 'surface', 4.5],
  ['quiet', 'sunken', 4.5],
  ['quiet', 'bad-soft', 4.5],
  ['accent', 'surface', 4.5],
  ['accent', 'accent-soft', 4.5],
  ['on-accent', 'accent', 4.5],
  ['surface', 'bad', 4.5],
  ['bad', 'surface', 4.5],
  ['bad', 'ground', 4.5],
  ['bad', 'bad-soft', 4.5],
  ['bad', 'sunken', 4.5],
  ['wait', 'surface', 4.5],
  ['wait', 'ground', 4.5],
  ['wait', 'wait-soft', 4.5],
  ['line-strong', 'surface', 3],
  ['good', 'surface', 3],
];

const css = await readFile(join(packageRoot, 'web/console/style/base.css'), 'utf8');
const [light = '', dark = ''] = css.split('prefers-color-scheme: dark');

function coloursOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [name, hex]),
  );
}

/** Relative luminance, as WCAG defines it. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each([
  ['light', coloursOf(light)],
  ['dark', coloursOf(dark)],
])('in %s', (_scheme, colours) => {
  test.each(pairs)('%s on %s can be read', (front, back, least) => {
    expect(contrast(colours.get(front) ?? '', colours.get(back) ?? '')).toBeGreaterThanOrEqual(least);
  });
});
