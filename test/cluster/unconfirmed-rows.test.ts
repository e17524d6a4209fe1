import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { TarantoolNode } from '../../src/tarantool/node.js';
import { TestCluster, useCluster } from '../support/cluster.js';
import { type Seen, readSalary } from '../support/reads.js';
import { waitForReplication } from '../support/replication.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { add, writeRequest } from '../support/writes.js';

const cluster = useCluster();
let connection: TarantoolNode | null = null;
afterEach(() => connection?.stop());

const farAheadMs = 30_000;

test.each(['frozen', 'killed'] as const)(
  'A leader whose followers are %s shows nobody a row that no majority has',
  async (end) => {
    await waitForReplication(cluster());
    const leader = await cluster().waitForLeader();
    const followers = cluster().names.filter((name) => name !== leader);
    const id = end === 'frozen' ? 1_000 : 1_001;
    await add(cluster(), leader, [[id, 'Confirmed', 'Worker', 1]]);
    connection = await cluster().connect(leader);
    const socket = connection;
    const read = (consistency: 'leader' | 'linearizable') =>
      readSalary(socket, id, { consistency, timeoutMs: farAheadMs });

    await Promise.all(
      followers.map((name) => (end === 'frozen' ? cluster().freeze(name) : cluster().kill(name))),
    );
    // In one go: reads arrive while the row is on its way to the log, and when it is there.
    const deadline = Date.now() + farAheadMs;
    const pending = writeRequest('update', { id, salary: 2 }, { deadline });
    const told = socket.call('employees.write', [pending], systemClock.now() + farAheadMs).then(
      ({ status }) => status,
      () => 'refused',
    );
    const seen: Seen[] = await Promise.all(
      Array.from({ length: 20 }, () => [read('leader'), read('linearizable')]).flat(),
    );
    await waitFor(`${leader} leads no more`, async () => {
      seen.push(...(await Promise.all([read('leader'), read('linearizable')])));
      const { writable } = await cluster().status(leader);
      return !writable;
    });
    expect(seen.filter((one) => !('refused' in one) && one.salary !== 1)).toEqual([]);

    if (end === 'frozen') for (const name of followers) cluster().thaw(name);
    else await cluster().restart(...followers);
    const next = await cluster().waitForLeader();
    const answer = await told;
    const now = await cluster().call(next, 'employees.get', [id], { consistency: 'linearizable' });
    // Either may be: the row was in one log.
    expect(Object(now).rows[0][3]).toBeOneOf(answer === 'ok' ? [2] : [1, 2]);
  },
);

test('A leader whose followers are frozen counts as many as a majority has, whatever it is adding and removing', async () => {
  await waitForReplication(cluster());
  const leader = await cluster().waitForLeader();
  const followers = cluster().names.filter((name) => name !== leader);
  await add(cluster(), leader, [
    [2_000, 'Confirmed', 'Worker', 1],
    [2_001, 'Confirmed', 'Worker', 1],
  ]);
  connection = await cluster().connect(leader);
  const socket = connection;
  const count = async (filter: object): Promise<number | 'refused'> => {
    const options = { consistency: 'leader', deadline: Date.now() + farAheadMs };
    return socket.call('employees.count', [{ filter }, options], systemClock.now() + farAheadMs).then(
      (reply) => Number(Object(reply).count),
      () => 'refused',
    );
  };
  const workers = { position: { eq: 'Worker' } };
  const [all, some] = [await count({}), await count(workers)];

  await Promise.all(followers.map((name) => cluster().freeze(name)));
  const deadline = Date.now() + farAheadMs;
  const told = [
    writeRequest('remove', { id: 2_000 }, { deadline }),
    writeRequest('add', { rows: [2_002, 2_003, 2_004].map((id) => [id, 'New', 'Worker', 1]) }, { deadline }),
  ].map((request) =>
    socket.call('employees.write', [request], systemClock.now() + farAheadMs).then(
      () => 'answered',
      () => 'refused',
    ),
  );
  const seen = { all: new Set<unknown>(), some: new Set<unknown>() };
  await waitFor(`${leader} leads no more`, async () => {
    seen.all.add(await count({}));
    seen.some.add(await count(workers));
    const { writable } = await cluster().status(leader);
    return !writable;
  });
  for (const name of followers) cluster().thaw(name);
  await Promise.all(told);
  seen.all.delete('refused');
  seen.some.delete('refused');
  expect([...seen.all].filter((one) => one !== all)).toEqual([]);
  expect([...seen.some].filter((one) => one !== some)).toEqual([]);
});

test('Tarantool 3 is not started without MVCC, which keeps such rows out of sight', async ({ skip }) => {
  const alone = await TestCluster.prepare({
    names: ['instance001'],
    adjust: (config) => {
      config['database'] = { use_mvcc_engine: false };
    },
  });
  try {
    skip(alone.tarantool.engine === 'tarantool2', 'Tarantool 2.6 has no MVCC: its leader waits instead');
    await alone.restart('instance001');
    expect(await alone.process('instance001').exited).toMatchObject({ code: 1 });
    expect(await alone.readLogs()).toContain('roles.employees needs database.use_mvcc_engine: true');
  } finally {
    await alone.stop();
  }
});
