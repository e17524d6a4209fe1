import { expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { employeesOn, waitForReplication } from '../support/replication.js';
import { waitFor } from '../../src/trial/wait-for.js';

const cluster = useCluster();

/** What our role has made on a node, by name: spaces with their fields, indexes with their parts, functions, sequences. */
const madeByUs = `
  local made = {spaces = {}, indexes = {}, functions = {}, sequences = {}}
  for _, space in box.space._space:pairs() do
      if space.id >= 512 and space.name ~= 'election_terms' then
          made.spaces[space.name] = box.space[space.name]:format()
      end
  end
  for _, row in box.space._index:pairs() do
      local space = box.space[row.id]
      if row.id >= 512 and space.name ~= 'election_terms' then
          local fields = {}
          for _, part in ipairs(space.index[row.iid].parts) do
              table.insert(fields, space:format()[part.fieldno].name)
          end
          made.indexes[space.name .. '.' .. row.name] = table.concat(fields, ', ')
      end
  end
  for _, func in box.space._func:pairs() do
      if func.name:match('^employees%.') or func.name:match('^replicaset%.') then
          table.insert(made.functions, func.name)
      end
  end
  for _, sequence in box.space._sequence:pairs() do
      table.insert(made.sequences, sequence.name)
  end
  table.sort(made.functions)
  return made
`;

/** Everything that is defined in a node, users and their rights included, as it stands in its system spaces. */
const definitions = `
  local rows = {}
  for _, name in ipairs({'_schema', '_space', '_index', '_sequence', '_func', '_user', '_priv', '_cluster'}) do
      rows[name] = box.space[name]:select()
  end
  return rows
`;

test('every node has the spaces, the indexes that orders and filters need, the functions, and two employees', async () => {
  await waitForReplication(cluster());
  for (const name of cluster().names) {
    expect(await cluster().evaluate(name, madeByUs)).toMatchObject({
      spaces: {
        employees: [
          { name: 'id', type: 'unsigned' },
          { name: 'name', type: 'string' },
          { name: 'position', type: 'string' },
          { name: 'salary', type: 'unsigned' },
        ],
        requests: expect.anything(),
      },
      indexes: {
        'employees.id': 'id',
        'employees.name': 'name, id',
        'employees.position': 'position, id',
        'employees.salary': 'salary, id',
        'requests.id': 'id',
        'requests.applied_at': 'applied_at, id',
      },
      functions: [
        'employees.count',
        'employees.diagnosis',
        'employees.get',
        'employees.page',
        'employees.write',
        'replicaset.is_handing_over',
        'replicaset.let_stand',
        'replicaset.may_succeed',
        'replicaset.sees_leader_gone',
        'replicaset.stand_for_election',
        'replicaset.status',
        'replicaset.transfer_leadership',
      ],
      sequences: ['employee_ids'],
    });
    expect(await employeesOn(cluster(), name)).toEqual([
      { id: 1, name: 'John Doe', position: 'Manager', salary: 5000 },
      { id: 2, name: 'Jane Smith', position: 'Developer', salary: 4000 },
    ]);
  }
});

test('a write is confirmed by a majority: by synchronous spaces on Tarantool 3, by the election in Lua on 2.6', async () => {
  // docs/decisions/0003: the synchronous queue of 2.6.0 survives neither concurrent writers nor a restart.
  const isSynchronous = cluster().tarantool.engine === 'tarantool3';
  for (const name of cluster().names) {
    for (const space of ['employees', 'requests']) {
      const flags = await cluster().evaluate(
        name,
        'return box.space._space.index.name:get(...).flags',
        space,
      );
      expect(flags).toEqual(isSynchronous ? { is_sync: true } : {});
    }
  }
});

test('a second start of all nodes changes nothing, and brings the sample back to nobody who removed it', async () => {
  const leader = await cluster().waitForLeader();
  for (const id of [1, 2]) {
    const request = {
      request_id: `remove ${id}`,
      deadline: Date.now() + 10_000,
      operation: 'remove',
      arguments: { id },
    };
    expect(await cluster().call(leader, 'employees.write', request)).toMatchObject({ status: 'ok' });
  }
  await waitForReplication(cluster());
  const before = await Promise.all(cluster().names.map((name) => cluster().evaluate(name, definitions)));

  await cluster().evaluate(leader, grantTrace);
  await waitForTrace(true);
  await cluster().killAll('SIGTERM');
  await cluster().restart(...cluster().names);
  await waitForTrace(false);
  await waitForReplication(cluster());

  const after = await Promise.all(cluster().names.map((name) => cluster().evaluate(name, definitions)));
  expect(after).toEqual(before);
  for (const name of cluster().names) expect(await employeesOn(cluster(), name)).toEqual([]);
});

test('what an older version did not have yet, the next leader makes: an index, a function, a right', async () => {
  const leader = await cluster().waitForLeader();
  await cluster().evaluate(
    leader,
    `box.space.employees.index.salary:drop()
     box.schema.user.revoke('gateway', 'execute', 'function', 'employees.count', {if_exists = true})
     box.schema.func.drop('employees.count')`,
  );
  await cluster().kill(leader);
  await cluster().restart(leader);
  const next = await cluster().waitForLeader();
  for (const name of cluster().names) {
    await waitFor(`${name} has the index, the function and the right`, async () => {
      const made = await cluster().evaluate(name, madeByUs);
      const counted = await cluster().call(name, 'employees.count', { filter: { salary: { gte: 0 } } });
      return 'employees.salary' in Object(made).indexes && counted.status === 'ok';
    });
  }
  const page = { order: 'salary', descending: true, limit: 10, filter: {} };
  expect(await cluster().call(next, 'employees.page', page)).toMatchObject({ status: 'ok' });
});

/** Gives or sees a right that no leader leaves standing: when it is gone, the leader has been over the whole schema. */
const grantTrace = "box.schema.user.grant('guest', 'public')";
const seeTrace = "return box.space._priv:get({0, 'role', 2}) ~= nil";

async function waitForTrace(isThere: boolean): Promise<void> {
  await waitFor(`the trace is ${isThere ? 'everywhere' : 'gone'}`, async () => {
    const seen = await Promise.all(cluster().names.map((name) => cluster().evaluate(name, seeTrace)));
    return seen.every((value) => value === isThere);
  });
}
