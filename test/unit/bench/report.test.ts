import { expect, test } from 'vitest';
import { type Figures } from '../../../src/bench/figures.js';
import { renderFigures, renderProfile, renderVerdict } from '../../../src/bench/report.js';
import { plain } from '../../../src/terminal.js';

const line = (workload: string, contestant: string, perSecond: number, ratio: number): Figures => ({
  workload,
  contestant,
  perSecond: { low: perSecond - 10, median: perSecond, high: perSecond + 10 },
  ratio: { low: ratio - 0.1, median: ratio, high: ratio + 0.1 },
  p50Ms: 1.26,
  p99Ms: 10,
  cpuMicros: 61.7,
  residentBytes: 100 * 2 ** 20,
  calls: 1.004,
});

const figures = [
  line('point read', 'rival', 12_000, 1),
  line('point read', 'ours', 9_000, 0.75),
  line('mutation', 'ours', 900, 1.5),
];

test('The figures stand in columns, a block for each workload', () => {
  expect(renderFigures(figures, { highlighted: 'ours', rival: 'rival', paint: plain })).toBe(
    `
point read
       requests/s  lowest to highest             of rival  p50 ms  p99 ms  CPU µs  memory MB  calls
rival      12,000   11,990 to 12,010  1.00 (0.90 to 1.10)     1.3    10.0      62        100   1.00
ours        9,000     8,990 to 9,010  0.75 (0.65 to 0.85)     1.3    10.0      62        100   1.00

mutation
       requests/s  lowest to highest             of rival  p50 ms  p99 ms  CPU µs  memory MB  calls
ours          900         890 to 910  1.50 (1.40 to 1.60)     1.3    10.0      62        100   1.00`,
  );
});

test('The last line says how one stands to another under each workload, and how many answers that rests on', () => {
  expect(renderVerdict(figures, { contestant: 'ours', rival: 'rival', answers: 1_234_567 })).toBe(
    "Of rival's speed ours has: point read 0.75, mutation 1.50. 1,234,567 answers, all of them right",
  );
});

test('A profile shows whose code ran, and which functions, in shares of the busy time', () => {
  const summary = {
    busyMs: 5_000,
    busy: 0.985,
    packages: [{ what: 'graphql', share: 0.375 }],
    functions: [{ what: 'executeField  graphql/execute.js:7', share: 0.0512 }],
  };
  const text = renderProfile(summary, plain);
  expect(text).toContain('Busy 99 % of the time.');
  expect(text).toContain('\n 37.5 %  graphql\n');
  expect(text).toContain('\n  5.1 %  executeField  graphql/execute.js:7\n');
});
