import { expect, test } from 'vitest';
import { NodeError } from '../../src/tarantool/errors.js';
import type { TarantoolNode } from '../../src/tarantool/node.js';
import { systemClock } from '../../src/clock.js';
import { useCluster } from '../support/cluster.js';
import { Load } from '../support/load.js';
import { employeesOn, expectNothingLost } from '../support/replication.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { writeRequest } from '../support/writes.js';

const cluster = useCluster();

/** Far enough that no request is refused, or given up, for being late: the election alone must keep it out. */
const farAheadMs = 100_000;

interface Outcome {
  readonly name: string;
  readonly told: 'acknowledged' | 'not-applied' | 'unknown';
}

/** Puts writes into the socket of a node, which need not be reading it. Resolves to what became of each. */
async function send(connection: TarantoolNode, names: readonly string[]): Promise<readonly Outcome[]> {
  return Promise.all(
    names.map(async (name): Promise<Outcome> => {
      const deadline = Date.now() + farAheadMs;
      const request = writeRequest('add', { rows: [[null, name, 'Ghost', 1]] }, { deadline });
      try {
        await connection.call('employees.write', [request], systemClock.now() + farAheadMs);
        return { name, told: 'acknowledged' };
      } catch (error) {
        if (!(error instanceof NodeError)) throw error;
        return { name, told: error.outcome };
      }
    }),
  );
}

test.each([1, 2, 3])(
  'A leader that froze under load wakes as a follower, and has said yes to nothing, time %i',
  async (time) => {
    const load = Load.start(cluster());
    await load.waitForProgress(100);
    const frozen = await cluster().waitForLeader();
    const { term } = await cluster().status(frozen);
    const connections = await Promise.all([1, 2, 3].map(() => cluster().connect(frozen)));

    await cluster().freeze(frozen);
    const outcomes = connections.map((connection, index) =>
      send(
        connection,
        Array.from({ length: 10 }, (_, count) => `ghost ${time}.${index}.${count}`),
      ),
    );
    const next = await cluster().waitForLeader({ not: frozen });
    expect((await cluster().status(next)).term).toBeGreaterThan(term);
    await load.waitForProgress(100);
    cluster().thaw(frozen);

    await waitFor(`${frozen} follows`, async () => {
      const { role, leader, writable } = await cluster().status(frozen);
      return role === 'follower' && leader === next && !writable;
    });
    await load.waitForProgress(100);
    await load.stop();
    const ghosts = (await Promise.all(outcomes)).flat();
    for (const connection of connections) connection.stop();

    await expectNothingLost(cluster(), load.ledger);
    expect(ghosts).toHaveLength(30);
    expect(ghosts.filter(({ told }) => told === 'acknowledged')).toEqual([]);
    // Whatever it said: none of them had a majority, and none can get one any more.
    expect((await employeesOn(cluster(), frozen)).filter(({ position }) => position === 'Ghost')).toEqual([]);
  },
);
