import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { figuresOf } from '../../src/chaos/figures.js';
import { renderReport } from '../../src/chaos/report.js';
import { type ChaosRun, runChaos } from '../../src/chaos/run-chaos.js';
import { judge } from '../../src/chaos/verdict.js';
import { plain } from '../../src/terminal.js';
import { Launched, build } from '../support/launched.js';
import { packageRoot } from '../../src/package-root.js';
import { findTestTarantool } from '../support/tarantool.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chaos-test-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** What a failed test shows. */
const report = (run: ChaosRun): string =>
  renderReport(figuresOf(run, judge(run), { seed, durationMs }), judge(run), plain);

const seed = 5;
const durationMs = 30_000;

test('kills, freezes, cuts and lost answers, half a minute of them: nothing is lost, doubled or misreported, and the order holds', async () => {
  const run = await runChaos({
    seed,
    durationMs,
    kinds: ['kill', 'pause', 'cut', 'reset'],
    tarantool: await findTestTarantool(),
    directory,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  const { checks, adds } = judge(run);
  expect(
    checks.filter(({ problems }) => problems.length > 0),
    report(run),
  ).toEqual([]);
  // It would find nothing where nothing had happened, either.
  const kinds = run.faults.map(({ planned }) => planned.kind);
  expect(new Set(kinds)).toEqual(new Set(['kill', 'pause', 'cut', 'reset']));
  expect(run.elections).toBeGreaterThan(1);
  expect(adds.acknowledged, report(run)).toBeGreaterThan(100);
});

const launch = (...args: readonly string[]): Launched =>
  new Launched([process.execPath, join(packageRoot, 'dist/chaos/main.js'), ...args], {
    ...process.env,
    TMPDIR: directory,
  });

describe('npm run chaos', () => {
  test('names all that is wrong with its arguments, starts nothing, and ends with 2', async () => {
    await build();
    const launched = launch('--minutes', '-1', '--faults', 'kill,fire');
    expect(await launched.exit()).toBe(2);
    expect(launched.output).toContain('--minutes is "-1"');
    expect(launched.output).toContain('--faults has "fire"');
    expect(await readdir(directory)).toEqual([]);
  });

  test('checks what has happened so far when it is interrupted, and leaves nothing behind', async () => {
    const launched = launch('--minutes', '10', '--seed', '1', '--faults', 'reset');
    await launched.waitForOutput(/[1-9]\d* operations/);
    launched.signal('SIGINT');
    expect(await launched.exit(), launched.output).toBe(0);
    expect(launched.output).toMatch(
      /^Good: \d+ faults, \d+ writes acknowledged: 0 lost, 0 doubled, 0 misreported$/m,
    );
    expect(await readdir(directory)).toEqual([]);
  });
});
