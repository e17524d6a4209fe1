import { describe, expect, test } from 'vitest';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.js';
import { ownApplication } from '../../src/local/node-command.js';
import { ReplicaSetTracker } from '../../src/replicaset/tracker.js';
import { neededSchemaVersion, watchSchema } from '../../src/schema-watch.js';
import { MemoryLog } from './replicaset/memory-log.js';
import { followerOf, leaderOf } from './replicaset/notation.js';

/** A gateway that needs version 3, and what it logs of the versions that its leader tells. */
function watch() {
  const log = new MemoryLog();
  const nodes = ['a', 'b'].map((name) => ({ name, uri: name }));
  const tracker = new ReplicaSetTracker({ nodes, clock: systemClock, log: new MemoryLog() });
  const leave = watchSchema(tracker, log, 3);
  const answer = (schemaVersion: number | null, status = leaderOf('a', 5)) =>
    tracker.observe({
      kind: 'answered',
      node: status.name,
      asOf: tracker.revision,
      status: { ...status, schemaVersion },
    });
  return { log, answer, leave };
}

describe('A gateway that needs a newer schema than the nodes have', () => {
  test.each([
    [null, 'has no version yet'],
    [2, 'is of version 2'],
  ])('says so once, and when that is over', (version, words) => {
    const { log, answer } = watch();
    answer(version);
    answer(version);
    answer(3);
    answer(4);
    expect(log.lines).toEqual([
      `warn The schema of the nodes ${words}, and this gateway needs 3: give the nodes the newer cluster/ first, and have one of them lead`,
      'info The schema of the nodes is of version 3 now: nothing is missing',
    ]);
  });

  test('says nothing of a follower, nor of what is newer than it knows', () => {
    const { log, answer } = watch();
    answer(5);
    answer(2, followerOf('a', 'b', { term: 5 }));
    expect(log.lines).toEqual([]);
  });

  test('says nothing any more when it has left', () => {
    const { log, answer, leave } = watch();
    leave();
    answer(1);
    expect(log.lines).toEqual([]);
  });
});

test('the gateway needs no later version than the nodes of the same package make', async () => {
  const files = await readdir(join(ownApplication, 'employees/migrations')).catch(() => []);
  expect(neededSchemaVersion).toBeLessThanOrEqual(1 + files.length);
});
