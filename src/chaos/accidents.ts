import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Two histories that cannot be joined any more, and faults of Tarantool itself. */
const neverToBeSeen = /split-brain|assertion .* failed|segmentation fault|panicking/i;

/** Lines of the nodes' logs that must never be there, each with its node. */
export async function findAccidents(directory: string, names: readonly string[]): Promise<readonly string[]> {
  const found = names.map(async (name) => {
    const log = await readFile(join(directory, 'data', name, 'node.log'), 'utf8');
    const lines = log.split('\n').filter((line) => neverToBeSeen.test(line));
    return lines.map((line) => `${name}: ${line}`);
  });
  return (await Promise.all(found)).flat();
}
