import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';

/*
 * The rules of leader tracking (T1 to T9) and the scenarios of failover (S01 to S40) that this project was held against
 * from the start. Most are tables in this folder; those that need real nodes are in test/cluster.
 */
test('every rule and every scenario has a test that carries its number', async () => {
  const files = await readdir(join(packageRoot, 'test'), { recursive: true });
  const texts = await Promise.all(
    files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFile(join(packageRoot, 'test', file), 'utf8')),
  );
  const tested = new Set(
    texts.flatMap((text) => [...text.matchAll(/(?:'|, )(S\d\d|T\d)\b/g)].map(([, number]) => number)),
  );
  const wanted = [
    ...Array.from({ length: 9 }, (_, index) => `T${index + 1}`),
    ...Array.from({ length: 40 }, (_, index) => `S${String(index + 1).padStart(2, '0')}`),
  ];
  expect(wanted.filter((number) => !tested.has(number))).toEqual([]);
});
