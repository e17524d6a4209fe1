import { describe, expect, test } from 'vitest';
import { type ReplicaSetDefinition, defineReplicaSet } from '../../../src/cluster-config/definition.js';

const election = { replication: { failover: 'election' } };
const listening = (...uris: unknown[]) => ({ iproto: { listen: uris.map((uri) => ({ uri })) } });
const advertised = (client: string) => ({ iproto: { advertise: { client } } });
const user = (name: string, password?: string) => ({ credentials: { users: { [name]: { password } } } });
const oneReplicaSet = (instances: unknown, everywhere: object = election) => ({
  ...everywhere,
  groups: { group001: { replicasets: { replicaset001: { instances } } } },
});

function define(document: unknown): ReplicaSetDefinition {
  const definition = defineReplicaSet(document);
  if (definition.kind === 'invalid') throw new Error(definition.problems.join('\n'));
  return definition.replicaSet;
}

function problemsOf(document: unknown): readonly string[] {
  const definition = defineReplicaSet(document);
  return definition.kind === 'invalid' ? definition.problems : [];
}

const addresses = (document: unknown) =>
  define(document).nodes.map(({ name, host, port }) => `${name} ${host} ${port}`);

describe('the replica set of a configuration', () => {
  test('has any number of nodes with any names, in the order of the file', () => {
    const names = ['paris', 'lyon', 'Nice-2', 'lille_3', 'metz.4', '5', 'brest'];
    const instances = Object.fromEntries(
      names.map((name, index) => [`n-${name}`, listening(`db:${4000 + index}`)]),
    );
    const replicaSet = define(oneReplicaSet(instances));
    expect(replicaSet.name).toBe('replicaset001');
    expect(replicaSet.nodes.map(({ name }) => name)).toEqual(names.map((name) => `n-${name}`));
  });

  test('takes an option from the nearest scope that has it', () => {
    const document = {
      ...election,
      ...advertised('everywhere:1'),
      groups: {
        group: {
          ...advertised('{{ group_name }}:2'),
          replicasets: {
            set: {
              ...advertised('{{replicaset_name}}-{{ instance_name }}:3'),
              instances: { a: advertised('own:4'), b: {}, c: null },
            },
          },
        },
      },
    };
    expect(addresses(document)).toEqual(['a own 4', 'b set-b 3', 'c set-c 3']);
  });

  test('replaces a list as a whole, and takes an explicit null for nothing said', () => {
    const document = oneReplicaSet(
      { a: listening('a:1'), b: { iproto: { listen: null } } },
      { ...election, ...listening('x:8', 'x:9') },
    );
    expect(define(document).nodes.map(({ listen }) => listen)).toEqual([
      [{ host: 'a', port: 1 }],
      [
        { host: 'x', port: 8 },
        { host: 'x', port: 9 },
      ],
    ]);
  });

  test.each([
    ['127.0.0.1:3301', '127.0.0.1 3301'],
    ['db-1.example.org:3301', 'db-1.example.org 3301'],
    ['[::1]:3301', '::1 3301'],
    ['localhost:3301?transport=plain', 'localhost 3301'],
  ])('reads %s', (uri, expected) => {
    expect(addresses(oneReplicaSet({ a: listening(uri) }))).toEqual([`a ${expected}`]);
  });

  test.each(['0.0.0.0:3301', '*:3301', '[::]:3301', '3301', 3301])(
    'asks where clients reach a node that listens on %s',
    (uri) => {
      expect(problemsOf(oneReplicaSet({ a: listening(uri) }))).toEqual([
        expect.stringMatching(/^a listens on every interface \(.*:3301\): say in iproto.advertise.client/),
      ]);
      const reachable = { iproto: { ...listening(uri).iproto, ...advertised('10.0.0.7:3301').iproto } };
      expect(addresses(oneReplicaSet({ a: reachable }))).toEqual(['a 10.0.0.7 3301']);
    },
  );

  test('prefers an address that can be connected to over a wildcard', () => {
    expect(addresses(oneReplicaSet({ a: listening('0.0.0.0:1', '10.0.0.7:2') }))).toEqual(['a 10.0.0.7 2']);
  });

  test('knows the users of every scope', () => {
    const document = oneReplicaSet(
      { a: { ...listening('a:1'), ...user('gateway', 'inner') }, b: listening('b:1') },
      { ...election, ...user('guest') },
    );
    expect([...define(document).users]).toEqual([
      ['guest', null],
      ['gateway', 'inner'],
    ]);
  });
});

describe('a configuration is refused', () => {
  test.each<[string, unknown, string[]]>([
    ['that is a list', [], ['it is not a mapping: it must have "groups" at its top level']],
    ['that is a text', 'groups', ['it is not a mapping: it must have "groups" at its top level']],
    [
      'without groups',
      election,
      ['it defines no instances: list them under groups.<group>.replicasets.<name>.instances'],
    ],
    [
      'whose groups are a list',
      { groups: [1] },
      ['it defines no instances: list them under groups.<group>.replicasets.<name>.instances'],
    ],
    [
      'without instances',
      oneReplicaSet({}),
      ['it defines no instances: list them under groups.<group>.replicasets.<name>.instances'],
    ],
    [
      'with two replica sets',
      {
        groups: {
          g: { replicasets: { one: { instances: { a: {} } }, two: { instances: { b: {} } }, none: {} } },
        },
      },
      ['it has instances in 2 replica sets (one, two): the gateway serves exactly one'],
    ],
    [
      'with a node that has no address',
      oneReplicaSet({ a: {} }),
      ['a has no address: give it iproto.listen, such as [{uri: "127.0.0.1:3301"}]'],
    ],
    [
      'with a unix socket',
      oneReplicaSet({ a: listening('unix/:/tmp/a.sock') }),
      [
        'a: iproto.listen "unix/:/tmp/a.sock" cannot be used, a unix socket cannot be reached from another machine: give host:port',
      ],
    ],
    [
      'with a port that does not exist',
      oneReplicaSet({ a: listening('localhost:0'), b: listening('localhost:65536') }),
      [
        'a: iproto.listen "localhost:0" cannot be used, its port must be from 1 to 65535',
        'b: iproto.listen "localhost:65536" cannot be used, its port must be from 1 to 65535',
      ],
    ],
    [
      'with an address without a port',
      oneReplicaSet({ a: listening('localhost') }),
      ['a: iproto.listen "localhost" cannot be used, it is not host:port'],
    ],
    [
      'with a template that nobody can fill in',
      oneReplicaSet({ a: listening('{{ context.host }}:1') }),
      ['a: iproto.listen "{{ context.host }}:1" cannot be used, its template cannot be filled in'],
    ],
    [
      'with an address used twice',
      oneReplicaSet({ a: listening('h:1'), b: listening('h:1') }),
      ['a and b have the same address, h:1'],
    ],
    [
      'with a name that is no name',
      oneReplicaSet({ '../a': listening('h:1') }),
      ['"../a" is no name for an instance: use letters, digits, "_", "-", "." (63 at most)'],
    ],
    [
      'with a replica set that does not elect its leader',
      oneReplicaSet({ a: listening('h:1') }, { replication: { failover: 'manual' } }),
      ['replication.failover must be "election" for every instance: the nodes elect their leader'],
    ],
  ])('%s', (_, document, problems) => {
    expect(problemsOf(document)).toEqual(problems);
  });

  test('with all that is wrong at once', () => {
    expect(problemsOf(oneReplicaSet({ a: {}, b: listening('h'), c: listening('h:0') }, {}))).toHaveLength(4);
  });

  test('without showing a password in an address', () => {
    const [problem] = problemsOf(oneReplicaSet({ a: listening('admin:hidden@h:1') }));
    expect(problem).toBe(
      'a: iproto.listen cannot be used, a login does not belong into an address: give host:port alone',
    );
  });
});
