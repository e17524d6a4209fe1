import { expect, test } from 'vitest';
import { parseUsage, readUsage } from '../../../src/bench/process-usage.js';

test('Processor time is that in user and in system mode, whatever the program is called', () => {
  const stat = '77 (node) x (y)) S 1 77 77 0 -1 4194560 0 0 0 0 150 25 0 0 20 0 11 0 900 1000 200';
  expect(parseUsage(stat, 'Name:\tnode\nVmRSS:\t    2048 kB\n')).toEqual({
    cpuMs: 1_750,
    residentBytes: 2 * 2 ** 20,
  });
});

test('This process has used some of both', async () => {
  const { cpuMs, residentBytes } = await readUsage(process.pid);
  expect(cpuMs).toBeGreaterThan(0);
  expect(residentBytes).toBeGreaterThan(2 ** 20);
});
