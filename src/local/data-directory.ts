import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '../operator-error.js';
import type { TarantoolBinary } from './tarantool-binary.js';

/** What is to run on the data. */
type Engine = Pick<TarantoolBinary, 'engine' | 'version'>;

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

/**
 * In words, why a node cannot start on its data directory with this Tarantool, and what to do; null when it can.
 */
export async function findObstacle(directory: string, { engine, version }: Engine): Promise<string | null> {
  const files = await readdir(directory);
  const newest = files
    .filter((file) => file.endsWith('.snap'))
    .toSorted()
    .at(-1);
  const snapshot = newest === undefined ? null : join(directory, newest);
  const damage = snapshot === null ? describeWithout(files) : await describeSnapshot(snapshot);
  if (damage !== null) {
    return (
      `${directory} is half-written: ${damage}. Move it away (mv ${directory} ${directory}.damaged) and start again: ` +
      'the node is filled anew from the others'
    );
  }
  const writer = snapshot === null ? null : await readWriter(snapshot);
  if (writer === null || writer.startsWith('2.') === (engine === 'tarantool2')) return null;
  return (
    `${directory} was written by Tarantool ${writer}, which ${version} does not continue: ` +
    'set DATA_DIR to another folder, or TARANTOOL to the other binary'
  );
}

/** The version that wrote a snapshot, as its head says; null when it does not. */
async function readWriter(path: string): Promise<string | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return /^Version: (\d+\.\d+\.\d+)/m.exec(buffer.toString('latin1', 0, bytesRead))?.[1] ?? null;
  } finally {
    await file.close();
  }
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
