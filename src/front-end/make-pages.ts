import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compressFolder, type Sizes } from './compress.js';
import { addPlaygroundFiles } from './playground-files.js';
import { stampOf } from './stamp.js';

/**
 * The pages: each folder of `web/` with an index.html is one, and becomes the folder `dist/pages/<name>`, from which the
 * gateway serves it. A stamp in it tells what it was made from, so that nothing is made twice.
 */

/** What became of one page. */
export type PageOutcome =
  | ({ readonly page: string; readonly kind: 'made'; readonly seconds: number } & Sizes)
  | { readonly page: string; readonly kind: 'failed'; readonly problem: string };

export interface Places {
  readonly packageRoot: string;
  readonly pagesDirectory: string;
}

const stampName = '.stamp';

/** Names of the pages whose sources are newer than they are, or which do not exist. */
export async function findStalePages(places: Places): Promise<readonly string[]> {
  const names = await findPages(places);
  const isStale = await Promise.all(names.map(async (name) => !(await isFresh(name, places))));
  return names.filter((_, index) => isStale[index]);
}

/** Names of all pages that there are sources of. */
export async function findPages({ packageRoot }: Places): Promise<readonly string[]> {
  const web = join(packageRoot, 'web');
  const entries = await readdir(web, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const isPage = await Promise.all(names.map((name) => exists(join(web, name, 'index.html'))));
  return names.filter((_, index) => isPage[index]).toSorted();
}

/** Makes one page anew. The old one is served until the new one is complete. Never rejects. */
export async function makePage(page: string, places: Places): Promise<PageOutcome> {
  const startedAt = performance.now();
  const unfinished = join(places.pagesDirectory, `.${page}.${process.pid}`);
  try {
    const stamp = await currentStamp(page, places);
    await bundle(page, { ...places, into: unfinished });
    if (page === 'playground') await addPlaygroundFiles(unfinished, places);
    const sizes = await compressFolder(unfinished);
    await writeFile(join(unfinished, stampName), stamp);
    await replaceFolder(join(places.pagesDirectory, page), unfinished);
    return { page, kind: 'made', seconds: (performance.now() - startedAt) / 1000, ...sizes };
  } catch (error) {
    return { page, kind: 'failed', problem: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function bundle(page: string, { packageRoot, into }: Places & { into: string }): Promise<void> {
  // A development dependency: where the gateway runs alone it is missing, and so is the need for it.
  const { build } = await import('vite');
  await build({
    root: join(packageRoot, 'web', page),
    base: `/pages/${page}/`,
    // Its warnings are about libraries; what goes wrong is thrown.
    logLevel: 'silent',
    build: {
      outDir: into,
      emptyOutDir: true,
      target: 'es2022',
      // The policy of the pages allows no data: URLs but for pictures and fonts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: Infinity,
      license: { fileName: 'assets/licenses.md' },
    },
    worker: { format: 'es' },
    // Two copies of either refuse each other's objects.
    resolve: { dedupe: ['graphql', 'react', 'preact'] },
  });
}

async function isFresh(page: string, places: Places): Promise<boolean> {
  const made = await readFile(join(places.pagesDirectory, page, stampName), 'utf8').catch(() => null);
  return made !== null && made === (await currentStamp(page, places));
}

/** Beside its own folder, a page may use what lies in `web/` itself, the schema, and the packages of the lock. */
async function currentStamp(page: string, { packageRoot }: Places): Promise<string> {
  const web = join(packageRoot, 'web');
  const entries = await readdir(web, { withFileTypes: true });
  const shared = entries.filter((entry) => entry.isFile()).map(({ name }) => join(web, name));
  const others = ['schema.graphql', 'package-lock.json'].map((name) => join(packageRoot, name));
  return stampOf([join(web, page), join(web, 'shared'), ...shared, ...others], packageRoot);
}

/** Two steps, so that a reader finds no page for a moment at worst, and never a half of one. */
async function replaceFolder(old: string, fresh: string): Promise<void> {
  const discarded = `${fresh}.old`;
  if (await exists(old)) await rename(old, discarded);
  await rename(fresh, old);
  await rm(discarded, { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
