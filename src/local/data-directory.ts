import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '../operator-error.js';

/**
 * What stands in a node's data directory, judged before Tarantool sees it: on logs without a snapshot it would start
 * anew in silence, and take over the name of the node that had written them.
 *
 * A whole snapshot begins with a line that says so and ends with a marker: Tarantool writes it under another name
 * (`.inprogress`) and renames it, so one without its end was damaged later.
 */
const snapshotHead = Buffer.from('SNAP\n');
const snapshotEnd = Buffer.from([0xd5, 0x10, 0xad, 0xed]);

/** Creates the directory of each node where it is missing. Rejects with OperatorError. */
export async function createNodeDirectories(dataDir: string, names: readonly string[]): Promise<void> {
  try {
    await Promise.all(names.map((name) => mkdir(join(dataDir, name), { recursive: true })));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const advice = 'set DATA_DIR to a folder that may be written to';
    throw new OperatorError(`The data directory ${dataDir} cannot be used (${code})`, [advice], {
      cause: error,
    });
  }
}

/** In words, what is wrong with the data directory of a node and what to do; null when a node can start on it. */
export async function findDamage(directory: string): Promise<string | null> {
  const files = await readdir(directory);
  const snapshots = files.filter((file) => file.endsWith('.snap')).toSorted();
  const newest = snapshots.at(-1);
  const damage =
    newest === undefined ? describeWithout(files) : await describeSnapshot(join(directory, newest));
  if (damage === null) return null;
  return (
    `${directory} is half-written: ${damage}. Move it away (mv ${directory} ${directory}.damaged) and start again: ` +
    'the node is filled anew from the others'
  );
}

/** A directory without any of Tarantool's files is a new one; with some of them, a snapshot must be there. */
function describeWithout(files: readonly string[]): string | null {
  if (files.some((file) => file.endsWith('.xlog'))) return 'it has logs (*.xlog), but no snapshot (*.snap)';
  if (files.some((file) => file.endsWith('.snap.inprogress')))
    return 'its first snapshot was never finished (*.snap.inprogress)';
  return null;
}

async function describeSnapshot(path: string): Promise<string | null> {
  const { size } = await stat(path);
  if (size === 0) return `its snapshot ${path} is empty`;
  const file = await open(path);
  try {
    const head = Buffer.alloc(snapshotHead.length);
    const end = Buffer.alloc(snapshotEnd.length);
    await file.read(head, 0, head.length, 0);
    await file.read(end, 0, end.length, Math.max(0, size - end.length));
    if (!head.equals(snapshotHead)) return `${path} is not a snapshot`;
    return end.equals(snapshotEnd) ? null : `its snapshot ${path} has no end`;
  } finally {
    await file.close();
  }
}
