import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * GraphQL Playground as it was published last, in 2021. As a dependency it would bring 446 packages; the built files in
 * it need none of them. They are fetched by version and checksum, not committed, and taken as they are.
 */
const playground = {
  name: 'graphql-playground-react',
  version: '1.7.28',
  sha512: 'YPR33Ph9kuKlFOMpc8mKGsL/fOiX0ltgzV1BokXYNsBLtTVQnhdCSKQuZg80CcxWKD8syNuWXDkGZSAdFkwmRg==',
  files: [
    'package/LICENSE',
    'package/build/favicon.png',
    'package/build/static/css/middleware.css',
    'package/build/static/js/middleware.js',
  ],
} as const;

/** The version is in the name, for what lies below may be kept by browsers for ever. */
const folderName = `${playground.name}-${playground.version}`;
/** Six megabytes over a slow line; npm itself gives up on a registry that does not answer. */
const fetchLimitMs = 60_000;

/** Puts the files of GraphQL Playground among the assets of a page. Rejects with the reason when they cannot be had. */
export async function addPlaygroundFiles(
  page: string,
  { packageRoot }: { readonly packageRoot: string },
): Promise<void> {
  const kept = join(packageRoot, 'dist/vendor', folderName);
  const isKept = await stat(kept).then(
    () => true,
    () => false,
  );
  if (!isKept) await fetchFiles(kept);
  await cp(kept, join(page, 'assets', folderName), { recursive: true });
}

async function fetchFiles(target: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'playground-'));
  try {
    const archive = await fetchPackage(folder);
    const sha512 = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (sha512 !== playground.sha512) {
      throw new Error(`${folderName} has the checksum sha512-${sha512}: it is not what was published`);
    }
    const unpacked = `${target}.${process.pid}`;
    await mkdir(unpacked, { recursive: true });
    // Without the folder `package/` around them.
    const options = ['--strip-components=1', '--no-same-owner', '-C', unpacked];
    await promisify(execFile)('tar', ['-xzf', archive, ...options, ...playground.files]);
    await rename(unpacked, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The package alone, without its dependencies and without running anything of it. Resolves to its path. */
async function fetchPackage(folder: string): Promise<string> {
  const { name, version } = playground;
  // From npm's cache if it is there; a machine without a network is told so at once.
  const options = [
    '--ignore-scripts',
    '--prefer-offline',
    '--fetch-retries=0',
    '--fetch-timeout=20000',
    '--silent',
    // Not what the npm was told that runs us: it may be packing this project.
    '--pack-destination=.',
    '--dry-run=false',
  ];
  try {
    await promisify(execFile)('npm', ['pack', `${name}@${version}`, ...options], {
      cwd: folder,
      timeout: fetchLimitMs,
    });
  } catch (error) {
    throw new Error(`npm could not fetch ${name}@${version}`, { cause: error });
  }
  return join(folder, `${name}-${version}.tgz`);
}
