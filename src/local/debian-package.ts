import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Terminal } from '../terminal.js';
import { timeLimit } from '../time-limit.js';

/** A slow mirror gets its time, a dead one does not hold the start for ever. */
const limitMs = 300_000;

/** A package of the distribution, and what people call what is in it. */
export interface DebianPackage {
  readonly name: string;
  readonly title: string;
}

/** The distribution's Tarantool. As {@link installDebianPackage}. */
export function installTarantoolPackage(terminal: Terminal, stopping: AbortSignal): Promise<boolean> {
  return installDebianPackage({ name: 'tarantool', title: 'Tarantool' }, { terminal, stopping });
}

/**
 * Installs a package on Debian or Ubuntu, as root or with passwordless sudo, and says so. Resolves to false where that is
 * not possible; has then said why, if it tried. Rejects with the signal's reason.
 */
export async function installDebianPackage(
  { name, title }: DebianPackage,
  { terminal, stopping }: { readonly terminal: Terminal; readonly stopping: AbortSignal },
): Promise<boolean> {
  const isDebian = /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(
    await readFile('/etc/os-release', 'utf8').catch(() => ''),
  );
  if (!isDebian) return false;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && (await run(['sudo', '-n', 'true'], stopping)).code !== 0) return false;

  const asRoot = isRoot ? ['env'] : ['sudo', '-n', 'env'];
  const aptGet = [...asRoot, 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=60'];
  const install = () => run([...aptGet, 'install', '-y', '--no-install-recommends', name], stopping);
  const startedAt = performance.now();
  terminal.say(`No ${title} on this machine: installing the package "${name}" with apt-get`);
  let result = await terminal.during('Installing', install());
  stopping.throwIfAborted();
  if (result.code !== 0) {
    // A fresh machine has no package lists, or lists of files that are gone.
    await terminal.during('Updating the package lists', run([...aptGet, 'update'], stopping));
    result = await terminal.during('Installing', install());
    stopping.throwIfAborted();
  }
  if (result.code === 0) {
    terminal.say(`Installed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    return true;
  }
  terminal.say(`apt-get could not install it:\n${result.lastLines}`);
  return false;
}

/** Runs a command until it ends, the time is up, or we are told to stop. Never rejects. */
function run(
  command: readonly string[],
  stopping: AbortSignal,
): Promise<{ code: number | null; lastLines: string }> {
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    const signal = timeLimit(limitMs, stopping);
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    let output = '';
    const keep = (chunk: Buffer) => {
      // Enough for its last words.
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const finish = (code: number | null) =>
      resolve({ code, lastLines: output.trimEnd().split('\n').slice(-5).join('\n') });
    // A command that is missing or was stopped says so here and closes right after.
    child.on('error', () => {});
    child.on('close', finish);
  });
}
