import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the logs of the nodes tell beside the ordinary. */
export interface Accidents {
  /** Lines that must never be there, each with its node. */
  readonly problems: readonly string[];
  /** How many nodes had their queue of synchronous writes confused by Tarantool 3, noticed it, and started again. */
  readonly mended: number;
}

/** Two histories that cannot be joined any more, and faults of Tarantool itself. */
const neverToBeSeen = /split-brain|assertion .* failed|segmentation fault|panicking/i;
/** Tarantool's word for a queue that is confused (replicaset/confused_queue.lua): the data is whole. */
const confused = /already processed range/;
const startsAgain = /Starting again to mend the queue of synchronous writes/;

/** Reads the logs of a private cluster in `directory`. */
export async function findAccidents(directory: string, names: readonly string[]): Promise<Accidents> {
  const found = await Promise.all(
    names.map(async (name) => {
      const { problems, mended } = readLog(await readFile(join(directory, 'data', name, 'node.log'), 'utf8'));
      return { problems: problems.map((line) => `${name}: ${line}`), mended };
    }),
  );
  return {
    problems: found.flatMap(({ problems }) => problems),
    mended: found.reduce((sum, { mended }) => sum + mended, 0),
  };
}

function readLog(log: string): Accidents {
  let problems: string[] = [];
  let mended = 0;
  for (const line of log.split('\n')) {
    if (startsAgain.test(line)) {
      mended += 1;
      problems = problems.filter((earlier) => !confused.test(earlier));
    } else if (neverToBeSeen.test(line)) problems.push(line);
  }
  return { problems, mended };
}
