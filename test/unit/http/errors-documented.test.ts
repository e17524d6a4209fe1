import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCodes } from '../../../src/http/error-codes.js';
import { packageRoot } from '../../../src/package-root.js';

/** The rows of the table in docs/errors.md: code, and whether the request may be sent again. */
async function documentedCodes(): Promise<Record<string, { retryable: boolean }>> {
  const text = await readFile(join(packageRoot, 'docs/errors.md'), 'utf8');
  const rows = text.matchAll(/^\| `(?<code>[A-Z_]+)` *\|[^|]*\|[^|]*\| (?<retryable>yes|no) *\|$/gm);
  return Object.fromEntries(
    [...rows].map(({ groups }) => [groups?.['code'], { retryable: groups?.['retryable'] === 'yes' }]),
  );
}

test('docs/errors.md explains every code, invents none, and says of each whether it may be sent again', async () => {
  expect(await documentedCodes()).toEqual(errorCodes);
});
