import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import type { Circumstances } from '../../../src/bench/circumstances.js';
import type { Figures } from '../../../src/bench/figures.js';
import { renderSection, replaceFigures } from '../../../src/bench/performance-page.js';
import { packageRoot } from '../../../src/package-root.js';

const circumstances: Circumstances = {
  date: new Date('2026-05-04T03:02:01Z'),
  machine: '2 × Some processor, 24 GB',
  versions: new Map([
    ['Node', '20.20.2'],
    ['mercurius', '16.10.1'],
  ]),
  tarantool: '2.6.0',
  rounds: 7,
  measureMs: 2_000,
  loadBefore: 0.04,
};

const line = (workload: string, contestant: string): Figures => ({
  workload,
  contestant,
  perSecond: { low: 8_000, median: 9_000, high: 10_000 },
  ratio: { low: 0.7, median: 0.8, high: 0.9 },
  p50Ms: 1.2,
  p99Ms: 10,
  cpuMicros: 61,
  residentBytes: 100 * 2 ** 20,
  calls: 1,
});

const section = renderSection(
  [line('point read', 'this gateway'), line('point read', 'rival'), line('mutation', 'rival')],
  circumstances,
);

describe('What npm run bench writes', () => {
  test('says where, when, with what and how long it was measured', () => {
    expect(section).toContain('2026-05-04, on 2 × Some processor, 24 GB; load average before the run: 0.0');
    expect(section).toContain('Tarantool 2.6.0, Node 20.20.2, mercurius 16.10.1');
    expect(section).toContain('7 rounds of 2 s');
  });

  test('has a table for each workload', () => {
    expect(section).toMatch(/^\| point read +\| requests\/s \|/m);
    expect(section).toMatch(/^\| mutation +\| requests\/s \|/m);
    expect(section).toMatch(
      /^\| this gateway +\| +9,000 \| +8,000 to 10,000 \| +0\.80 \(0\.70 to 0\.90\) \|/m,
    );
  });

  test('is laid out as Prettier would have it', async () => {
    expect(await format(section, { parser: 'markdown' })).toBe(`${section}\n`);
  });
});

describe('The page', () => {
  test('gets new figures between its marks, and keeps the rest', async () => {
    const page = await readFile(join(packageRoot, 'docs/performance.md'), 'utf8');
    const once = replaceFigures(page, 'What another run has found');
    const twice = replaceFigures(once, section);
    expect(twice).toContain(section);
    expect(twice).not.toContain('What another run has found');
    expect(replaceFigures(twice, 'What another run has found')).toBe(once);
    expect(await format(twice, { parser: 'markdown' })).toBe(twice);
  });

  test.each([
    ['no marks', '# Performance\n'],
    ['one mark', '<!-- npm run bench: begin -->\n'],
    ['marks in the wrong order', '<!-- npm run bench: end -->\n<!-- npm run bench: begin -->\n'],
  ])('with %s is refused', (_, page) => {
    expect(() => replaceFigures(page, section)).toThrow(/needs one line/);
  });
});
