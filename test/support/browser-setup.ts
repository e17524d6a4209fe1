import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installDebianPackage } from '../../src/local/debian-package.js';
import { packageRoot } from '../../src/package-root.js';
import { openTerminal } from '../../src/terminal.js';
import { findChromium } from './chromium.js';

/** Once per run, before any test that needs them: a browser, got as `npm start` gets Tarantool, and the pages. */
export async function setup(): Promise<void> {
  process.env['CHROMIUM'] = (await findChromium()) ?? (await installChromium());
  // Says by itself which page it could not make, and why.
  await promisify(execFile)('npm', ['run', 'pages'], { cwd: packageRoot });
}

async function installChromium(): Promise<string> {
  const terminal = openTerminal(process.stderr, process.env);
  const stopping = new AbortController().signal;
  await installDebianPackage({ name: 'chromium', title: 'browser' }, { terminal, stopping });
  const path = await findChromium();
  if (path !== null) return path;
  throw new Error(
    'The browser tests need Chromium, and it could not be installed: put it on the PATH, or set CHROMIUM to the binary',
  );
}
