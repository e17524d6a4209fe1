import { afterEach, expect, test } from 'vitest';
import type { TarantoolNode } from '../../src/tarantool/node.js';
import { useCluster } from '../support/cluster.js';
import { Load } from '../support/load.js';
import { type Seen, readSalary } from '../support/reads.js';
import { waitForReplication } from '../support/replication.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { add, write, writeRequest } from '../support/writes.js';

const cluster = useCluster();
const connections: TarantoolNode[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.stop();
});

/** Far enough that no read is refused, or given up, for being late. */
const farAheadMs = 100_000;

async function connect(name: string): Promise<TarantoolNode> {
  const connection = await cluster().connect(name);
  connections.push(connection);
  return connection;
}

const salaries = (seen: readonly Seen[]) => seen.flatMap((one) => ('salary' in one ? [one.salary] : []));

test.each([1, 2, 3, 4, 5])(
  'A leader that froze under load does not answer from memory when it wakes, time %i',
  async (time) => {
    const load = Load.start(cluster());
    await load.waitForProgress(100);
    const frozen = await cluster().waitForLeader();
    const id = 10_000_000 + time;
    await add(cluster(), frozen, [[id, `Register ${time}`, 'Worker', 1]]);
    const sockets = await Promise.all([1, 2, 3].map(() => connect(frozen)));
    const read = (socket: TarantoolNode, consistency: 'leader' | 'linearizable') =>
      readSalary(socket, id, { consistency, timeoutMs: farAheadMs });

    await cluster().freeze(frozen);
    const inSocket = sockets.flatMap((socket) =>
      Array.from({ length: 10 }, () => [read(socket, 'leader'), read(socket, 'linearizable')]).flat(),
    );
    const next = await cluster().waitForLeader({ not: frozen });
    const raise = writeRequest('update', { id, salary: 2 });
    expect(await write(cluster(), next, raise)).toMatchObject({ status: 'ok' });

    cluster().thaw(frozen);
    const seen: Seen[] = await Promise.all(inSocket);
    // It is still told that it leads by nobody but itself: until it says otherwise it is asked again and again.
    await waitFor(`${frozen} follows`, async () => {
      const asked = sockets.map((socket) => [read(socket, 'leader'), read(socket, 'linearizable')]);
      seen.push(...(await Promise.all(asked.flat())));
      return (await cluster().status(frozen)).leader === next;
    });
    await load.stop();
    await waitForReplication(cluster());

    expect(seen.length).toBeGreaterThanOrEqual(66);
    expect(salaries(seen).filter((salary) => salary !== 2)).toEqual([]);
    for (const name of cluster().names) {
      const anyOf = await readSalary(await connect(name), id, { consistency: 'any', timeoutMs: 5_000 });
      expect({ name, ...anyOf }).toEqual({ name, salary: 2 });
    }
  },
);

test('T4: only the leader answers as one', async () => {
  const leader = await cluster().waitForLeader();
  await add(cluster(), leader, [[20_000_000, 'Somebody', 'Worker', 1]]);
  await waitForReplication(cluster());
  for (const name of cluster().names) {
    const connection = await connect(name);
    for (const consistency of ['leader', 'linearizable', 'any'] as const) {
      const seen = await readSalary(connection, 20_000_000, { consistency, timeoutMs: 5_000 });
      const answers = name === leader || consistency === 'any';
      expect({ name, consistency, ...seen }).toEqual({
        name,
        consistency,
        ...(answers ? { salary: 1 } : { refused: 'READ_ONLY' }),
      });
    }
  }
});

test('A leader whose followers are frozen proves nothing, from the first moment on', async () => {
  await waitForReplication(cluster());
  const leader = await cluster().waitForLeader();
  const followers = cluster().names.filter((name) => name !== leader);
  await add(cluster(), leader, [[30_000_000, 'Somebody', 'Worker', 1]]);
  const socket = await connect(leader);
  const read = () => readSalary(socket, 30_000_000, { consistency: 'linearizable', timeoutMs: farAheadMs });
  expect(await read()).toEqual({ salary: 1 });

  await Promise.all(followers.map((name) => cluster().freeze(name)));
  const seen = await Promise.all(Array.from({ length: 10 }, read));
  for (const name of followers) cluster().thaw(name);
  expect(salaries(seen)).toEqual([]);
  await cluster().waitForLeader();
});
