import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

const folder = 'examples/clients';

/** The examples in docs/clients.md: the text of each code block that follows a link to its file. */
async function documented(): Promise<Record<string, string>> {
  const text = await readFile(join(packageRoot, 'docs/clients.md'), 'utf8');
  const blocks = text.matchAll(
    /^\[`(?<path>[^`]+)`\]\(\.\.\/\k<path>\)[^\n]*\n\n```\w+\n(?<code>[^]*?)^```$/gm,
  );
  return Object.fromEntries([...blocks].map(({ groups }) => [groups?.['path'], groups?.['code'] ?? '']));
}

async function examples(): Promise<Record<string, string>> {
  const entries = await readdir(join(packageRoot, folder), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(packageRoot.length).replace(/^\//, ''));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(packageRoot, path), 'utf8')])),
  );
}

test('docs/clients.md shows every example as it is, and none that is not there', async () => {
  expect(await documented()).toEqual(await examples());
});

test('no example is longer than what one reads at once', async () => {
  for (const [path, text] of Object.entries(await examples())) {
    expect(text.split('\n').length, path).toBeLessThanOrEqual(80);
  }
});
