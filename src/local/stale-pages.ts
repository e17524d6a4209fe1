import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { findStalePages } from '../front-end/make-pages.js';
import { packageRoot } from '../package-root.js';
import type { Terminal } from '../terminal.js';

const places = { packageRoot, pagesDirectory: join(packageRoot, 'dist/pages') };

/**
 * Makes the pages that installation has not made, or whose sources have changed since: behind the back of a gateway that
 * answers already, in a process of its own that gives way to all others. Returns the way to stop it.
 */
export function makeStalePages(terminal: Terminal): () => void {
  const stopping = new AbortController();
  make(terminal, stopping.signal).catch((error: unknown) => {
    if (!stopping.signal.aborted) terminal.say(`The pages could not be made: ${String(error)}`);
  });
  return () => stopping.abort();
}

async function make(terminal: Terminal, signal: AbortSignal): Promise<void> {
  const stale = await findStalePages(places);
  if (stale.length === 0 || signal.aborted) return;
  terminal.say(`Making pages that are missing or out of date: ${stale.join(', ')}`);
  const maker = spawn(process.execPath, [join(packageRoot, 'dist/pages.js'), ...stale], {
    stdio: 'ignore',
    signal,
  });
  const ended = once(maker, 'close');
  if (maker.pid !== undefined) setPriority(maker.pid, constants.priority.PRIORITY_LOW);
  await ended;
  const left = await findStalePages(places);
  const made = stale.filter((page) => !left.includes(page));
  if (made.length > 0) terminal.say(`Made: ${made.join(', ')}. Load them again in your browser`);
  if (left.length > 0) terminal.say(`Could not be made: ${left.join(', ')}. npm run pages says why`);
}
