import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** To be raised when pages are made in another way from the same sources. */
const recipe = '1';

/** A text that is another one whenever any of the files is: their paths below `root`, and what they hold. */
export async function stampOf(paths: readonly string[], root: string): Promise<string> {
  const files = (await Promise.all(paths.map(filesBelow))).flat().toSorted();
  const hash = createHash('sha256').update(recipe);
  for (const file of files) {
    const content = await readFile(file);
    hash.update(`\0${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** All files of a folder; of a file, itself; of what does not exist, none. */
async function filesBelow(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOTDIR') return null;
    if (code === 'ENOENT') return [];
    throw error;
  });
  if (entries === null) return [path];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
