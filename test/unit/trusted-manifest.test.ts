import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError } from '../../src/operator-error.js';
import { readTrustedManifest } from '../../src/trusted-manifest.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'manifest-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function read(content: string) {
  const trustedDocumentsManifest = join(directory, 'manifest.json');
  await writeFile(trustedDocumentsManifest, content);
  return readTrustedManifest({ trustedDocuments: 'enforce', trustedDocumentsManifest });
}

test('texts by hashes, as graphql-codegen and Relay write them', async () => {
  const texts = new Map([['2b0a', 'query A { __typename }']]);
  expect(await read(JSON.stringify(Object.fromEntries(texts)))).toEqual({ mode: 'enforce', texts });
});

test("Apollo's format", async () => {
  const operations = [{ id: '2b0a', name: 'A', type: 'query', body: 'query A { __typename }' }];
  const content = { format: 'apollo-persisted-query-manifest', version: 1, operations };
  const texts = new Map([['2b0a', 'query A { __typename }']]);
  expect(await read(JSON.stringify(content))).toEqual({ mode: 'enforce', texts });
});

test.each([
  ['{', 'it is not JSON'],
  ['{}', 'it has no documents'],
  ['["{ a }"]', 'it is no manifest'],
  ['{"a":1}', 'it is no manifest'],
  ['{"a":""}', 'it is no manifest'],
  ['{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}', 'it is no manifest'],
])('what is none is refused: %s', async (content, problem) => {
  const refused = read(content);
  await expect(refused).rejects.toThrow(ConfigError);
  await expect(refused).rejects.toThrow(problem);
});

const readAt = (path: string | null) =>
  readTrustedManifest({ trustedDocuments: 'log', trustedDocumentsManifest: path });

test('one that is not there is refused, and so is none where one is needed', async () => {
  const trustedDocumentsManifest = join(directory, 'missing.json');
  await expect(readAt(trustedDocumentsManifest)).rejects.toThrow('it cannot be read (ENOENT)');
  await expect(readAt(null)).rejects.toThrow('set TRUSTED_DOCUMENTS_MANIFEST');
});

test('none is read where every document may be run', async () => {
  const trustedDocumentsManifest = join(directory, 'missing.json');
  expect(await readTrustedManifest({ trustedDocuments: 'off', trustedDocumentsManifest })).toBeNull();
});
