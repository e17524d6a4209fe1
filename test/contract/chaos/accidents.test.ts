import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findAccidents } from '../../../src/chaos/accidents.js';

test('lines of a log that must never be there are found, with the node, unless a start has mended what they tell of', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'accidents-'));
  const logs = {
    a: ['I> subscribed', 'E> ER_SPLIT_BRAIN: Split-Brain discovered: got an async transaction', 'I> ready'],
    b: ['I> ready', 'Segmentation fault'],
    c: ['W> Deposed by term 7'],
    d: [
      'E> ER_SPLIT_BRAIN: Split-Brain discovered: got a request with lsn from an already processed range',
      'W> Starting again to mend the queue of synchronous writes: Split-Brain discovered: already processed range',
      'I> ready',
    ],
    e: [
      'W> Starting again to mend the queue of synchronous writes: Split-Brain discovered: already processed range',
      'E> ER_SPLIT_BRAIN: Split-Brain discovered: got a request with lsn from an already processed range',
    ],
  };
  for (const [name, lines] of Object.entries(logs)) {
    await mkdir(join(directory, 'data', name), { recursive: true });
    await writeFile(join(directory, 'data', name, 'node.log'), lines.join('\n'));
  }
  expect(await findAccidents(directory, Object.keys(logs))).toEqual({
    problems: [
      'a: E> ER_SPLIT_BRAIN: Split-Brain discovered: got an async transaction',
      'b: Segmentation fault',
      'e: E> ER_SPLIT_BRAIN: Split-Brain discovered: got a request with lsn from an already processed range',
    ],
    mended: 2,
  });
  await rm(directory, { recursive: true });
});
