import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/package-root.js';
import { build } from './launched.js';

/** Once per run, before any test that opens a page: what is stale is made anew. */
export async function setup(): Promise<void> {
  await build();
  await promisify(execFile)(process.execPath, [join(packageRoot, 'dist/pages.js')], { cwd: packageRoot });
}
