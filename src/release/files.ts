import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OperatorError } from '../operator-error.js';
import { releaseChanges, type Release } from './changelog.js';
import type { ReleaseFiles } from './judge.js';

const versioned = z.looseObject({ version: z.string() });
const locked = z.looseObject({ version: z.string(), packages: z.looseObject({ '': versioned }) });

/** Reads what a release is made of, in the folder of a package. */
export async function readReleaseFiles(root: string): Promise<ReleaseFiles> {
  const text = (name: string) => readFile(join(root, name), 'utf8');
  const lock = locked.parse(JSON.parse(await text('package-lock.json')));
  const [file, ...others] = await readdir(join(root, 'releases'));
  if (others.length > 0)
    throw new OperatorError('releases/ has more than the schema of the last release', [
      file ?? '',
      ...others,
    ]);
  return {
    packageVersion: versioned.parse(JSON.parse(await text('package.json'))).version,
    lockVersion: lock.packages[''].version,
    changelog: await text('CHANGELOG.md'),
    schema: await text('schema.graphql'),
    released:
      file === undefined
        ? null
        : { version: file.replace(/\.graphql$/, ''), schema: await text(join('releases', file)) },
  };
}

/** Makes a release of them, for somebody to look at and commit. */
export async function writeRelease(root: string, files: ReleaseFiles, release: Release): Promise<void> {
  const { version } = release;
  for (const name of ['package.json', 'package-lock.json']) {
    const path = join(root, name);
    const text = await readFile(path, 'utf8');
    // As it is but for the version of the package itself: the one at the top, and of the entry for "" in the lock.
    const changed = text
      .replace(/^ {2}"version": "[^"]*"/m, `  "version": "${version}"`)
      .replace(/(^ {4}"": \{[^{}]*?"version": )"[^"]*"/m, `$1"${version}"`);
    await writeFile(path, changed);
  }
  await writeFile(join(root, 'CHANGELOG.md'), releaseChanges(files.changelog, release));
  if (files.released !== null) await rm(join(root, 'releases', `${files.released.version}.graphql`));
  await writeFile(join(root, 'releases', `${version}.graphql`), files.schema);
}
