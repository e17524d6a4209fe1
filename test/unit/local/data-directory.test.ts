import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findObstacle } from '../../../src/local/data-directory.js';

const whole = Buffer.concat([Buffer.from('SNAP\n0.13\n\n'), Buffer.from([0xd5, 0x10, 0xad, 0xed])]);
const cut = whole.subarray(0, -1);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'data-directory-'));
});
afterEach(() => rm(directory, { recursive: true }));

const debian = { engine: 'tarantool2', version: '2.6.0' } as const;
const production = { engine: 'tarantool3', version: '3.3.0' } as const;

async function obstacleTo(
  engine: typeof debian | typeof production,
  files: Readonly<Record<string, Buffer | string>>,
): Promise<string | null> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return findObstacle(directory, engine);
}

describe('a data directory is fit for a start', () => {
  test.each<[string, Record<string, Buffer | string>]>([
    ['when it is empty', {}],
    ['when it has a log of the process, but no data', { 'node.log': 'text', 'election.json': '{}' }],
    ['when its newest snapshot is whole', { '00.snap': cut, '09.snap': whole, '09.xlog': '' }],
    ['when a later snapshot was being written', { '09.snap': whole, '12.snap.inprogress': '' }],
  ])('%s', async (_, files) => {
    expect(await obstacleTo(debian, files)).toBeNull();
  });
});

describe('a data directory is half-written', () => {
  test.each<[string, Record<string, Buffer | string>, string]>([
    ['with logs alone', { '00.xlog': 'XLOG\n' }, 'it has logs (*.xlog), but no snapshot (*.snap)'],
    [
      'with an unfinished first snapshot',
      { '00.snap.inprogress': whole },
      'its first snapshot was never finished',
    ],
    ['with an empty snapshot', { '00.snap': '' }, '00.snap is empty'],
    ['with a newest snapshot that was cut off', { '00.snap': whole, '09.snap': cut }, '09.snap has no end'],
    ['with another file in place of a snapshot', { '00.snap': 'text' }, '00.snap is not a snapshot'],
    ['with a snapshot of one byte', { '00.snap': 'S' }, '00.snap is not a snapshot'],
  ])('%s', async (_, files, damage) => {
    const problem = await obstacleTo(debian, files);
    expect(problem).toContain(damage);
    expect(problem).toContain(`Move it away (mv ${directory} ${directory}.damaged)`);
  });
});

const writtenBy = (version: string) =>
  Buffer.concat([Buffer.from(`SNAP\n0.13\nVersion: ${version}-0-gabc\n\n`), whole.subarray(-4)]);

describe('data of another engine', () => {
  test.each([
    [debian, '3.3.0'],
    [production, '2.6.0'],
  ] as const)('is not touched: %o', async (engine, writer) => {
    const problem = await obstacleTo(engine, { '09.snap': writtenBy(writer) });
    expect(problem).toContain(
      `was written by Tarantool ${writer}, which ${engine.version} does not continue`,
    );
    expect(problem).toContain('set DATA_DIR');
  });

  test.each([
    [debian, '2.6.0'],
    [production, '3.2.1'],
  ] as const)('is not what an engine wrote itself: %o', async (engine, writer) => {
    expect(await obstacleTo(engine, { '09.snap': writtenBy(writer) })).toBeNull();
  });
});
