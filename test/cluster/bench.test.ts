import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { Place } from '../support/launched.js';

let place: Place;
beforeAll(async () => {
  await promisify(execFile)('npm', ['run', 'prebench'], { cwd: packageRoot });
});
beforeEach(async () => {
  place = await Place.create();
});
afterEach(() => place.leave());

const page = () => readFile(join(packageRoot, 'docs/performance.md'), 'utf8');
const filesLeft = async () => (await readdir(place.directory)).filter((name) => name.startsWith('bench-'));

/** Temporary files go where the test sees whether they stay. */
const bench = (...args: readonly string[]) => place.run('bench/main.js', { TMPDIR: place.directory }, args);

test('npm run bench has every contestant answer rightly under every load, and a short run writes nothing', async () => {
  const before = await page();
  const run = bench('--quick', '--rounds', '1', '--seconds', '0.05');
  expect(await run.exit(), run.output).toBe(0);
  const blocks = run.output.split('\n\n').filter((block) => block.includes('requests/s'));
  const names = blocks.map((block) => block.split('\n').map((line) => line.split(/ {2,}/)[0]));
  const contestants = ['driver alone', 'bare HTTP handler', 'mercurius+jit', 'this gateway', 'Apollo Server'];
  const loads = [
    'point read',
    'list of 20',
    'list of 200',
    'different lists',
    '100 aliases',
    'mutation',
    '90 % reads',
  ];
  expect(names).toEqual(loads.map((load) => [load, '', ...contestants]));
  expect(run.output).toMatch(
    /\nOf mercurius\+jit's speed this gateway has: point read \d+\.\d\d, .*\. [\d,]+ answers, all of them right\n$/,
  );
  expect(await page()).toBe(before);
  expect(await filesLeft()).toEqual([]);
});

test('npm run bench -- --profile tells in which functions this gateway spends its time', async () => {
  const run = bench('--profile', 'list of 20', '--seconds', '0.5');
  expect(await run.exit(), run.output).toBe(0);
  expect(run.output).toMatch(/\n +\d+\.\d %  Node\n/);
  expect(run.output).toMatch(/\n +\d+\.\d %  \w+ {2}dist\/\w+\/[\w.-]+\.js:\d+\n/);
  expect(run.output).toMatch(
    /\nThis gateway under list of 20: \d+ requests\/s, profiler included\. .+\.cpuprofile\n$/,
  );
  expect(await filesLeft()).toEqual([]);
});
