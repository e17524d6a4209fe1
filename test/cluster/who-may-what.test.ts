import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import {
  type IprotoAnswer,
  IprotoClient,
  accessDenied,
  key,
  notJoined,
  readOnly,
  type,
} from '../support/iproto.js';
import { waitForReplication } from '../support/replication.js';

const cluster = useCluster();
const clients: IprotoClient[] = [];
let leader: string;
let catalogue: Catalogue;

/** All that a node has which somebody could want to touch. */
interface Catalogue {
  /** Spaces and views, those of the system included: ids by name. */
  readonly spaces: Readonly<Record<string, number>>;
  /** Names of all functions of the database. */
  readonly functions: readonly string[];
  readonly replicasetUuid: string;
  /** Of a member that does not lead. */
  readonly memberUuid: string;
}

const readCatalogue = `
  local spaces, functions = {}, {}
  for _, space in box.space._space:pairs() do
      spaces[space.name] = space.id
  end
  for _, func in box.space._func:pairs() do
      table.insert(functions, func.name)
  end
  local replicaset = box.space._schema:get('replicaset_uuid') or box.space._schema:get('cluster')
  local member
  for _, row in box.space._cluster:pairs() do
      if row[2] ~= box.info.uuid then member = row[2] end
  end
  return {spaces = spaces, functions = functions, replicaset = replicaset[2], member = member}
`;

beforeAll(async () => {
  await waitForReplication(cluster());
  leader = await cluster().waitForLeader();
  const { spaces, functions, replicaset, member } = Object(await cluster().evaluate(leader, readCatalogue));
  catalogue = { spaces, functions, replicasetUuid: String(replicaset), memberUuid: String(member) };
});
afterEach(() => clients.splice(0).forEach((client) => client.close()));

async function connect(name: string, user: 'gateway' | 'guest'): Promise<IprotoClient> {
  const node = cluster().definition.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`There is no node ${name}`);
  const client = await IprotoClient.connect(node);
  clients.push(client);
  // Whoever does not log in is guest.
  if (user === 'gateway') await client.login(user, cluster().definition.users.get(user) ?? '');
  return client;
}

/** What the gateway's user is for, each with an argument that changes nothing. */
const openFunctions: readonly (readonly [name: string, argument: unknown])[] = [
  ['replicaset.status', null],
  ['employees.get', [1]],
  ['employees.page', { order: 'id', descending: false, limit: 1, filter: {} }],
  ['employees.count', { filter: {} }],
  ['employees.write', { request_id: 'too late', deadline: 0, operation: 'remove', arguments: { id: 1 } }],
  ['employees.diagnosis', null],
  ['replicaset.transfer_leadership', { to: 'nobody', timeout: 1 }],
];
const isOpen = (name: string): boolean => openFunctions.some(([open]) => open === name);

/** What can be reached by a name in Lua, and what the nodes ask each other. */
const closedFunctions: readonly (readonly [name: string, ...args: unknown[]])[] = [
  ['box.info'],
  ['box.cfg', { read_only: true }],
  ['box.snapshot'],
  ['box.begin'],
  ['box.ctl.promote'],
  ['box.ctl.demote'],
  ['box.execute', 'SELECT 1'],
  ['box.schema.user.info', 'admin'],
  ['box.schema.user.passwd', 'gateway', 'mine'],
  ['box.schema.user.grant', 'gateway', 'super'],
  ['box.session.su', 'admin'],
  ['box.space.employees:select', []],
  ['box.space.employees:insert', [9, 'a', 'b', 1]],
  ['box.space._user:select', []],
  ['box.sequence.employee_ids:next'],
  ['box.sequence.employee_ids:set', 7],
  ['employees.get.anything', [1]],
  ['dostring', 'return 1'],
  ['loadstring', 'return 1'],
  ['load', 'return 1'],
  ['require', 'os'],
  ['os.getenv', 'HOME'],
  ['os.execute', 'true'],
  ['os.exit', 1],
  ['io.open', '/etc/passwd'],
  ['debug.getregistry'],
  ['rawget', {}, 1],
  ['package.loaded.log.info', 'written'],
  ['tonumber', '1'],
  ['election.vote', { term: 1_000_000, candidate: 'instance001' }],
  ['election.resign', {}],
  ['replicaset.sees_leader_gone', 'instance001'],
  ['replicaset.let_stand', { candidate: 'instance001', term: 1 }],
  ['replicaset.may_succeed', { leader: 'instance001' }],
  ['replicaset.stand_for_election', { leader: 'instance001', term: 1 }],
  ['replicaset.is_handing_over', { to: 'instance001', term: 1 }],
  ['no.such.function'],
  ['', 'an empty name'],
];

const statements = [
  `SELECT LUA('return box.info.uuid')`,
  'SELECT * FROM "employees"',
  'SELECT * FROM "_user"',
  'SELECT * FROM "_vuser"',
  `INSERT INTO "employees" VALUES (9, 'a', 'b', 1)`,
  `UPDATE "employees" SET "salary" = 0`,
  'DELETE FROM "employees"',
  'TRUNCATE TABLE "employees"',
  'DROP TABLE "employees"',
  'CREATE TABLE t (id INTEGER PRIMARY KEY)',
  'CREATE INDEX i ON "employees" ("salary")',
];

type Attempt = readonly [what: string, answer: Promise<IprotoAnswer>];

/** Every request that reads or changes a space, with what would fit if it were allowed. */
function touch(to: IprotoClient, name: string, id: number): Attempt[] {
  const space = [key.spaceId, id] as const;
  const primary = [key.indexId, 0] as const;
  const request = (kind: number, ...body: readonly (readonly [number, unknown])[]) =>
    to.request(kind, [space, ...body]);
  return [
    [`select from ${name}`, to.select(id)],
    [`insert into ${name}`, to.insert(id, [1])],
    [`replace in ${name}`, request(type.replace, [key.tuple, [1]])],
    [`update ${name}`, request(type.update, primary, [key.key, [1]], [key.tuple, [['=', 1, 1]]])],
    [`upsert ${name}`, request(type.upsert, [key.tuple, [1]], [key.operations, [['=', 1, 1]]])],
    [`delete from ${name}`, to.delete(id, [1])],
  ];
}

async function expectRefused(attempts: readonly Attempt[], refusals: readonly number[]): Promise<void> {
  const answers = await Promise.all(attempts.map(async ([what, answer]) => ({ what, ...(await answer) })));
  const allowed = answers.filter(
    ({ errorNumber }) => errorNumber === null || !refusals.includes(errorNumber),
  );
  expect(allowed).toEqual([]);
}

describe.each(['gateway', 'guest'] as const)('The user %s', (user) => {
  test('is refused any Lua, and every function that is not for it', async () => {
    const to = await connect(leader, user);
    const others = catalogue.functions.filter((name) => !isOpen(name));
    expect(others.length).toBeGreaterThan(5);
    await expectRefused(
      [
        ['eval', to.eval('return box.info.uuid')],
        ...closedFunctions.map(([fn, ...args]): Attempt => [fn, to.call(fn, ...args)]),
        ...others.map((fn): Attempt => [fn, to.call(fn, {})]),
        ...others.map((fn): Attempt => {
          const body = [
            [key.functionName, fn],
            [key.tuple, [{}]],
          ] as const;
          return [`${fn}, as 1.6 called it`, to.request(type.call16, body)];
        }),
      ],
      [accessDenied],
    );
  });

  test.each(['instance001', 'instance002', 'instance003'])(
    'can neither read nor change any space of %s, of the system or ours',
    async (name) => {
      const to = await connect(name, user);
      const spaces = Object.entries(catalogue.spaces);
      expect(spaces.map(([space]) => space)).toEqual(
        expect.arrayContaining([
          'employees',
          'requests',
          '_user',
          '_priv',
          '_collation',
          '_truncate',
          '_vuser',
        ]),
      );
      // A follower says first that it takes no writes, whosever they are.
      const refusals = name === leader ? [accessDenied] : [accessDenied, readOnly];
      await expectRefused(
        spaces.flatMap(([space, id]) => touch(to, space, id)),
        refusals,
      );
    },
  );

  test('is refused SQL that reads or changes a table', async () => {
    const to = await connect(leader, user);
    await expectRefused(
      statements.map((sql): Attempt => [sql, to.execute(sql)]),
      [accessDenied],
    );
  });

  test('cannot pass for a replica: it is sent neither a snapshot nor the log', async () => {
    const replicaset = [key.replicasetUuid, catalogue.replicasetUuid] as const;
    const stranger = [key.instanceUuid, randomUUID()] as const;
    const member = [key.instanceUuid, catalogue.memberUuid] as const;
    const anonymous = [key.isAnonymous, true] as const;
    const vclock = [key.vclock, new Map()] as const;
    const before = await cluster().evaluate(leader, 'return box.space._cluster:len()');
    for (const [what, kind, body] of [
      ['join', type.join, [stranger]],
      ['join as a member', type.join, [member]],
      ['subscribe', type.subscribe, [replicaset, stranger, vclock]],
      ['subscribe as a member', type.subscribe, [replicaset, member, vclock]],
      ['subscribe without a name', type.subscribe, [replicaset, stranger, vclock, anonymous]],
      ['fetch a snapshot', type.fetchSnapshot, []],
      ['register', type.register, [stranger, vclock]],
    ] as const) {
      // Each may end its connection.
      const to = await connect(leader, user);
      // A stranger is told first that it is no member.
      await expectRefused([[what, to.request(kind, body)]], [accessDenied, notJoined]);
    }
    expect(await cluster().evaluate(leader, 'return box.space._cluster:len()')).toBe(before);
  });
});

test('The user gateway may call each of its functions, on every node', async () => {
  for (const name of cluster().names) {
    const to = await connect(name, 'gateway');
    for (const [fn, argument] of openFunctions) {
      const { errorNumber, data } = await to.call(fn, argument);
      expect({ fn, errorNumber, data }).toEqual({ fn, errorNumber: null, data: [expect.any(Map)] });
    }
  }
});

test('The user guest may call none of them', async () => {
  const to = await connect(leader, 'guest');
  for (const [fn, argument] of openFunctions) {
    expect(await to.call(fn, argument)).toMatchObject({ errorNumber: accessDenied });
  }
});

test('SQL that needs no table is refused as well on Tarantool 3; 2.6 has no right that could be taken', async () => {
  const to = await connect(leader, 'gateway');
  const { errorNumber } = await to.execute('SELECT 1');
  expect(errorNumber).toBe(cluster().tarantool.engine === 'tarantool3' ? accessDenied : null);
});

test('A wrong password is refused', async () => {
  const to = await connect(leader, 'guest');
  await expect(to.login('gateway', 'wrong')).rejects.toThrow('gateway may not log in');
});

test('All of this changed nothing: the same two employees, on a leader that leads the same term', async () => {
  expect(await cluster().call(leader, 'employees.count', { filter: {} })).toMatchObject({ count: 2 });
  expect(await cluster().waitForLeader()).toBe(leader);
});
