import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { IprotoClient, accessDenied, readOnly } from '../support/iproto.js';
import { waitForReplication } from '../support/replication.js';

const cluster = useCluster();
let client: IprotoClient | null = null;
let spaces: Readonly<Record<string, number>>;

beforeAll(async () => {
  await waitForReplication(cluster());
  const leader = await cluster().waitForLeader();
  const ids = await cluster().evaluate(
    leader,
    'return {employees = box.space.employees.id, requests = box.space.requests.id}',
  );
  spaces = { ...Object(ids), _schema: 272, _space: 280, _func: 296, _user: 304, _priv: 312 };
});
afterEach(() => client?.close());

async function connect(name: string, user: 'gateway' | 'guest'): Promise<IprotoClient> {
  const node = cluster().definition.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`There is no node ${name}`);
  client = await IprotoClient.connect(node);
  // Whoever does not log in is guest.
  if (user === 'gateway') await client.login(user, cluster().definition.users.get(user) ?? '');
  return client;
}

/** What nobody but the admin has any business with. */
const closedFunctions: readonly (readonly [name: string, ...args: unknown[]])[] = [
  ['box.info'],
  ['box.schema.user.info', 'admin'],
  ['box.session.su', 'admin'],
  ['dostring', 'return 1'],
  // Of 2.6.0, where any user may run Lua as admin by it until that is revoked.
  ['LUA', 'return box.info.uuid'],
  // What the nodes ask each other.
  ['election.vote', { term: 1_000_000, candidate: 'instance001' }],
  ['election.resign', {}],
  ['replicaset.sees_leader_gone', 'instance001'],
  ['replicaset.let_stand', { candidate: 'instance001', term: 1 }],
  ['replicaset.may_succeed', { leader: 'instance001' }],
  ['replicaset.stand_for_election', { leader: 'instance001', term: 1 }],
  ['replicaset.is_handing_over', { to: 'instance001', term: 1 }],
  ['no.such.function'],
];

describe.each(['gateway', 'guest'] as const)('The user %s', (user) => {
  test.each(['instance001', 'instance002', 'instance003'])(
    'is refused what is not for it, on %s',
    async (name) => {
      const to = await connect(name, user);
      // A follower says first that it takes no writes, whosever they are.
      const refusals = name === (await cluster().waitForLeader()) ? [accessDenied] : [accessDenied, readOnly];
      const attempts = [
        to.eval('return box.info.uuid'),
        ...closedFunctions.map(([fn, ...args]) => to.call(fn, ...args)),
        ...Object.values(spaces).flatMap((id) => [to.select(id), to.insert(id, [1]), to.delete(id, [1])]),
        to.execute(`SELECT LUA('return box.info.uuid')`),
        to.execute('SELECT * FROM "employees"'),
        to.execute('SELECT * FROM "_user"'),
        to.execute(`INSERT INTO "employees" VALUES (9, 'a', 'b', 1)`),
        to.execute('CREATE TABLE t (id INTEGER PRIMARY KEY)'),
      ];
      for (const { errorNumber, message } of await Promise.all(attempts)) {
        expect(refusals, message ?? 'it was allowed').toContain(errorNumber);
      }
    },
  );
});

test('The user gateway may call each of its functions, on every node', async () => {
  for (const name of cluster().names) {
    const to = await connect(name, 'gateway');
    for (const [fn, argument] of [
      ['replicaset.status', null],
      ['employees.get', [1]],
      ['employees.page', { order: 'id', descending: false, limit: 1, filter: {} }],
      ['employees.count', { filter: {} }],
      ['employees.write', { request_id: 'too late', deadline: 0, operation: 'remove', arguments: { id: 1 } }],
      ['replicaset.transfer_leadership', { to: 'nobody', timeout: 1 }],
    ] as const) {
      const { errorNumber, data } = await to.call(fn, argument);
      expect({ fn, errorNumber, data }).toEqual({ fn, errorNumber: null, data: [expect.any(Map)] });
    }
  }
});

test('The user guest may call none of them', async () => {
  const to = await connect(await cluster().waitForLeader(), 'guest');
  for (const fn of [
    'replicaset.status',
    'employees.get',
    'employees.page',
    'employees.count',
    'employees.write',
    'replicaset.transfer_leadership',
  ]) {
    expect(await to.call(fn, [1])).toMatchObject({ errorNumber: accessDenied });
  }
});

test('A wrong password is refused', async () => {
  const to = await connect(await cluster().waitForLeader(), 'guest');
  await expect(to.login('gateway', 'wrong')).rejects.toThrow('gateway may not log in');
});
