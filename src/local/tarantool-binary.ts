import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { OperatorError } from '../operator-error.js';

/**
 * A Tarantool that can run our nodes.
 *
 * - `tarantool3` reads config.yaml and elects a leader by itself: what production runs.
 * - `tarantool2` (2.6 and newer) does both with the help of cluster/.../tarantool2: for development.
 */
export interface TarantoolBinary {
  readonly path: string;
  /** Such as `3.3.0`. */
  readonly version: string;
  readonly engine: 'tarantool3' | 'tarantool2';
}

const waysToGetOne = [
  'Debian or Ubuntu: apt-get install tarantool (2.6, enough for development)',
  'Tarantool 3: https://www.tarantool.io/en/download/',
  'installed elsewhere: set TARANTOOL to the path of the binary',
];

/** How to look for it; `install` is asked last and resolves to false where it cannot install anything. */
export interface TarantoolSearch {
  /** The setting TARANTOOL: a path, a name for the PATH, or null. */
  readonly wanted: string | null;
  readonly searchPath: string;
  readonly install: () => Promise<boolean>;
}

/** Finds a Tarantool, or gets one. Rejects with OperatorError, which lists the ways to get one. */
export async function findTarantool({
  wanted,
  searchPath,
  install,
}: TarantoolSearch): Promise<TarantoolBinary> {
  if (wanted !== null) {
    const path = wanted.includes('/') ? wanted : await findOnPath(wanted, searchPath);
    if (path === null)
      throw refuse(`TARANTOOL is ${JSON.stringify(wanted)}, and the PATH has no such program`);
    return askVersion(path, `TARANTOOL is ${JSON.stringify(wanted)}`);
  }
  let path = await findOnPath('tarantool', searchPath);
  if (path === null && (await install())) path = await findOnPath('tarantool', searchPath);
  if (path === null) throw refuse('There is no Tarantool on this machine, and none could be installed');
  return askVersion(path, `The PATH leads to ${path}`);
}

/** Reads what `tarantool --version` prints; null when it is something else. */
export function parseTarantoolVersion(
  output: string,
): { version: string; major: number; minor: number } | null {
  const found = /^Tarantool (?:Enterprise )?(\d+)\.(\d+)\.(\d+)/m.exec(output);
  if (found === null) return null;
  const [, major = '', minor = '', patch = ''] = found;
  return { version: `${major}.${minor}.${patch}`, major: Number(major), minor: Number(minor) };
}

async function askVersion(path: string, origin: string): Promise<TarantoolBinary> {
  const file = await stat(path).catch(() => null);
  if (file === null) throw refuse(`${origin}, but there is no such file`);
  if (!(await isProgram(path))) throw refuse(`${origin}, which is not a program that may be executed`);
  // Five seconds: it answers in milliseconds, or it is not Tarantool.
  const answer = await promisify(execFile)(path, ['--version'], { timeout: 5_000 }).catch(() => null);
  const parsed = answer === null ? null : parseTarantoolVersion(answer.stdout);
  if (parsed === null) throw refuse(`${origin}, which does not answer --version as Tarantool does`);
  const { version, major, minor } = parsed;
  // The oldest that tarantool2/ was written for and tried on.
  if (major < 2 || (major === 2 && minor < 6))
    throw refuse(`${origin}, which is Tarantool ${version}: 2.6 is the oldest that will do`);
  return { path, version, engine: major === 2 ? 'tarantool2' : 'tarantool3' };
}

async function findOnPath(name: string, searchPath: string): Promise<string | null> {
  for (const folder of searchPath.split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && (await isProgram(path))) return path;
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function refuse(problem: string): OperatorError {
  return new OperatorError(`${problem}. Ways to get one`, waysToGetOne);
}
