import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPages, findStalePages, makePage } from '../../../src/front-end/make-pages.js';

/* The real build, of pages of one line. */

let packageRoot: string;
let pagesDirectory: string;
const places = () => ({ packageRoot, pagesDirectory });

beforeEach(async () => {
  packageRoot = await mkdtemp(join(tmpdir(), 'package-'));
  pagesDirectory = join(packageRoot, 'dist/pages');
  await write('package-lock.json', '{}');
  await write('schema.graphql', 'type Query { a: Int }');
  await write('web/one/index.html', '<!doctype html><script type="module" src="./main.ts"></script>');
  await write('web/one/main.ts', 'import { value } from "../shared.js"; console.log(value);');
  await write('web/two/index.html', '<!doctype html>');
  await write('web/shared.ts', 'export const value: number = 1;');
  await write('web/no-page/notes.txt', 'nothing to see');
});
afterEach(() => rm(packageRoot, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  const file = join(packageRoot, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
}

async function makeAll(): Promise<void> {
  for (const page of await findStalePages(places())) {
    expect(await makePage(page, places())).toMatchObject({ page, kind: 'made' });
  }
  expect(await findStalePages(places())).toEqual([]);
}

test('Each folder with an index.html is a page', async () => {
  expect(await findPages(places())).toEqual(['one', 'two']);
});

test('A page that was made is stale when what it was made from changes, and no other', async () => {
  expect(await findStalePages(places())).toEqual(['one', 'two']);
  await makeAll();
  await write('web/one/main.ts', 'console.log(2);');
  expect(await findStalePages(places())).toEqual(['one']);
  await makeAll();
  await write('web/no-page/notes.txt', 'still nothing');
  expect(await findStalePages(places())).toEqual([]);
});

test.each(['package-lock.json', 'schema.graphql', 'web/shared.ts'])(
  'Every page is stale when %s changes',
  async (path) => {
    await makeAll();
    await write(path, '{"changed": true}');
    expect(await findStalePages(places())).toEqual(['one', 'two']);
  },
);

test('A page that cannot be made says why, and the one that was there stays', async () => {
  await makeAll();
  await write('web/one/main.ts', 'import "./missing.js";');
  expect(await makePage('one', places())).toMatchObject({
    kind: 'failed',
    problem: expect.stringContaining('missing.js'),
  });
  await write('web/one/main.ts', 'import { value } from "../shared.js"; console.log(value);');
  expect(await findStalePages(places())).toEqual([]);
});

test('Where there are no sources, no page is stale', async () => {
  await rm(join(packageRoot, 'web'), { recursive: true });
  expect(await findStalePages(places())).toEqual([]);
});
