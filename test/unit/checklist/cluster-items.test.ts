import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Answer, NodeFacts, Silence } from '../../../src/checklist/ask-node.js';
import type { ClusterFacts } from '../../../src/checklist/cluster-facts.js';
import { clusterItems } from '../../../src/checklist/cluster-items.js';
import { lookAt } from '../../../src/checklist/finding.js';
import { fitItems } from '../../../src/checklist/fit-items.js';
import { calledFunctions } from '../../../src/checklist/rights.js';
import { setupItems } from '../../../src/checklist/setup-items.js';
import { readClusterConfig } from '../../../src/cluster-config/read.js';
import { packageRoot } from '../../../src/package-root.js';
import { parseSettings } from '../../../src/settings.js';
import { NodeError, type NodeErrorCode } from '../../../src/tarantool/errors.js';
import type { NodeDiagnosis } from '../../../src/tarantool/node-diagnosis.js';
import type { NodeStatus, ReplicationLink } from '../../../src/tarantool/node-status.js';

const settings = parseSettings({}, { cwd: '/', packageRoot });
const cluster = await readClusterConfig(settings.clusterConfig);
const names = cluster.nodes.map(({ name }) => name);
const [first = '', second = '', third = ''] = names;

const follow = { status: 'follow', lagSeconds: 0.002, idleSeconds: 0.1, message: null };
const linkTo = (peer: string, changes: Partial<typeof follow> = {}): ReplicationLink => ({
  peer,
  upstream: { ...follow, ...changes },
  downstream: follow,
});

const statusOf = (name: string, changes: Partial<NodeStatus>): NodeStatus => ({
  name,
  instanceUuid: name,
  bootId: name,
  version: '3.3.0-0-g5fc82b85d6',
  uptimeSeconds: 60,
  schemaVersion: 1,
  pid: 1,
  role: name === first ? 'leader' : 'follower',
  term: 7,
  leader: first,
  writable: name === first,
  readOnlyReason: name === first ? null : 'election',
  lsn: 12,
  replication: names.filter((peer) => peer !== name).map((peer) => linkTo(peer)),
  ...changes,
});

const diagnosis: NodeDiagnosis = {
  wallTimeMs: 0,
  user: 'gateway',
  rights: [
    { object: 'universe', name: '', privileges: 'session,usage' },
    { object: 'user', name: 'gateway', privileges: 'alter' },
    ...calledFunctions.map((name) => ({ object: 'function', name, privileges: 'execute' })),
  ],
  spaces: [
    { name: 'employees', isSynchronous: true },
    { name: 'requests', isSynchronous: true },
  ],
  schema: { version: 1, stored: 1 },
  fencing: 'strict',
  quorum: 2,
  replicationTimeoutSeconds: 0.25,
  electionTimeoutSeconds: 1,
  netMsgMax: 16_384,
  memory: { used: 1, limit: 100 },
};

interface Differences {
  readonly status?: Partial<NodeStatus>;
  readonly diagnosis?: Partial<NodeDiagnosis> | NodeError;
  readonly aheadMs?: number;
}

const answer = (name: string, differences: Differences = {}): Answer => ({
  kind: 'answered',
  roundTripMs: 1,
  status: statusOf(name, differences.status ?? {}),
  diagnosis:
    differences.diagnosis instanceof NodeError
      ? differences.diagnosis
      : { ...diagnosis, ...differences.diagnosis },
  skew: { aheadMs: differences.aheadMs ?? 0, withinMs: 2 },
});

const silence = (code: NodeErrorCode, systemCode?: string): Silence => ({
  kind: 'silent',
  afterMs: 12,
  reason: new NodeError(code, {
    outcome: 'not-applied',
    node: third,
    message: 'in its own words',
    cause: systemCode === undefined ? undefined : Object.assign(new Error(systemCode), { code: systemCode }),
  }),
});

/** A cluster that is well but for what is said of its nodes. */
function facts(
  differences: Readonly<Record<string, Differences | Silence>> = {},
  changes: Partial<ClusterFacts['settings']> = {},
): ClusterFacts {
  const nodes = names.map((name): NodeFacts => {
    const different = differences[name] ?? {};
    const isSilent = 'kind' in different;
    return {
      name,
      uri: `${name}.example:3301`,
      answer: isSilent ? different : answer(name, different),
    };
  });
  return {
    settings: { ...settings, ...changes },
    cluster,
    login: { user: 'gateway', password: 'secret' },
    nodes,
  };
}

const all = { ...clusterItems, ...setupItems, ...fitItems };

const complaints = (of: ClusterFacts): readonly string[] =>
  lookAt(all, of).flatMap(({ item, level, text, mend }) =>
    level === 'ok' ? [] : [`${item}: ${level}: ${text}: ${mend}`],
  );

describe('what the nodes are asked', () => {
  test('has a finding for each item, and nothing to complain of in a cluster that is well', () => {
    expect(complaints(facts())).toEqual([]);
    expect(new Set(lookAt(all, facts()).map(({ item }) => item))).toEqual(new Set(Object.keys(all)));
  });

  test.each<[string, Silence, RegExp]>([
    ['does not run', silence('CONNECTION_LOST', 'ECONNREFUSED'), /nothing listens at .*: start it/],
    ['has a name that nobody knows', silence('CONNECTION_LOST', 'ENOTFOUND'), /mend its address/],
    ['is behind a cut cable', silence('CONNECTION_LOST', 'EHOSTUNREACH'), /mend the network/],
    ['is frozen', silence('TIMEOUT'), /its process frozen, or a firewall/],
    ['refuses the password', silence('ACCESS_DENIED'), /refuses user gateway .*TARANTOOL_PASSWORD_FILE/],
    ['has not been set up', silence('NOT_READY'), /is not set up .*roles\.employees/],
    ['is something else', silence('BAD_REPLY'), /is no node of ours/],
    ['ended the connection', silence('CONNECTION_LOST'), /read its log/],
  ])('tells of a node that %s, and what to do', (_, silent, told) => {
    const [node, quorum, ...others] = complaints(facts({ [third]: silent }));
    expect(node).toMatch(told);
    expect(node).toMatch(/^nodes: problem: instance003 at instance003\.example:3301 .*in its own words/);
    expect(quorum).toMatch(/^quorum: warning: 2 of 3 answer, .*none may be lost now: start those/);
    expect(others).toEqual([]);
  });

  test('tells that a majority is missing, and says no word of what nobody could tell', () => {
    const down = silence('CONNECTION_LOST', 'ECONNREFUSED');
    expect(complaints(facts({ [first]: down, [second]: down, [third]: down })).slice(3)).toEqual([
      expect.stringMatching(/^leader: problem: no writable leader: 0 of 3 nodes answer, 2 are needed/),
      expect.stringMatching(/^quorum: problem: 0 of 3 answer/),
    ]);
  });

  test.each<[string, Readonly<Record<string, Differences>>, RegExp]>([
    [
      'two leaders of one term',
      { [second]: { status: { role: 'leader', writable: true } } },
      /^leader: problem: two nodes claim to lead one term/,
    ],
    [
      'a leader that may not write',
      { [first]: { status: { writable: false } } },
      /^leader: problem: no writable leader: 3 of 3/,
    ],
    [
      'a node with other members',
      { [second]: { diagnosis: { quorum: 1 } } },
      /^quorum: problem: instance002 takes 1 of the nodes for a majority/,
    ],
    [
      'a node that takes no rows from another',
      {
        [second]: {
          status: { replication: [linkTo(first, { status: 'stopped' }), linkTo(third)] },
        },
      },
      /^replication: problem: instance002 takes no rows from instance001: stopped: see ReplicationStopped/,
    ],
    [
      'a node that is far behind',
      { [second]: { status: { replication: [linkTo(first, { lagSeconds: 60 }), linkTo(third)] } } },
      /^replication: warning: instance002 is 60 s behind instance001/,
    ],
    [
      'a node that knows not all others',
      { [second]: { status: { replication: [linkTo(first)] } } },
      /^replication: problem: instance002 does not know of instance003/,
    ],
    [
      'two versions',
      { [third]: { status: { version: '3.4.1-0-gabc' } } },
      /^version: warning: Tarantool 3\.3\.0 on instance001, instance002, 3\.4\.1 on instance003: finish/,
    ],
    [
      'a clock that is somewhat wrong',
      { [second]: { aheadMs: -700 } },
      /^clocks: warning: instance002 is 700 ms behind this machine, and a write has 10000 ms/,
    ],
    [
      'a clock that has writes refused',
      { [second]: { aheadMs: 6_000 } },
      /^clocks: problem: instance002 is 6000 ms ahead of/,
    ],
    [
      'a right that is missing',
      {
        [first]: { diagnosis: { rights: diagnosis.rights.filter(({ name }) => name !== 'employees.count') } },
      },
      /^rights: problem: gateway may not call employees\.count on instance001: add that to the privileges/,
    ],
    [
      'rights that are too many',
      {
        [first]: {
          diagnosis: {
            rights: [...diagnosis.rights, { object: 'universe', name: '', privileges: 'read,execute' }],
          },
        },
      },
      /^rights: problem: gateway may more than it needs on instance001 \(read and execute on universe\)/,
    ],
    [
      'a node of an older version that cannot be asked',
      {
        [second]: {
          diagnosis: new NodeError('NOT_READY', {
            outcome: 'not-applied',
            node: second,
            message: 'Execute access is denied',
          }),
        },
      },
      /^rights: warning: instance002 does not tell how it is set up \(Execute access is denied\)/,
    ],
    [
      'soft fencing',
      { [third]: { diagnosis: { fencing: 'soft' } } },
      /^fencing: warning: soft on instance003/,
    ],
    ['no fencing', { [third]: { diagnosis: { fencing: 'off' } } }, /^fencing: problem: off on instance003/],
    [
      'a space that needs no majority',
      { [first]: { diagnosis: { spaces: [{ name: 'employees', isSynchronous: false }] } } },
      /^synchronous: problem: writes to employees need no majority on instance001/,
    ],
    [
      'a node with older code',
      { [first]: { diagnosis: { schema: { version: 2, stored: 2 } } } },
      /^schema: warning: the schema is of version 2, the code 2 on instance001, 1 on instance002, instance003/,
    ],
    [
      'a node that is nearly full',
      { [third]: { diagnosis: { memory: { used: 95, limit: 100 } } } },
      /^memory: problem: instance003 uses 95 % of its memory: raise memtx\.memory/,
    ],
  ])('tells of %s', (_, differences, told) => {
    expect(complaints(facts(differences))).toEqual([expect.stringMatching(told)]);
  });

  test.each<[string, number, number | null, RegExp | null]>([
    ['has not been made', 1, null, /^schema: problem: the schema is of version none, the code 1/],
    ['is from a newer version', 1, 2, /^schema: warning: the schema is of version 2, the code 1/],
    ['is up to date', 2, 2, null],
  ])('tells of a schema that %s', (_, version, stored, told) => {
    const same = { diagnosis: { schema: { version, stored } } };
    const found = complaints(facts({ [first]: same, [second]: same, [third]: same }));
    expect(found).toEqual(told === null ? [] : [expect.stringMatching(told)]);
  });

  test.each<[string, Partial<ClusterFacts['settings']>, RegExp]>([
    ['time', { requestTimeoutMs: 2_000 }, /^timeout: warning: .* 2100 ms: raise it to 3000/],
    ['attention', { pollIntervalMs: 1_000 }, /^polling: warning: .*: lower it to 525 or less/],
    ['places', { maxWaitingRequests: 20_000 }, /^buffer: warning: .*: raise iproto\.net_msg_max .* 20000/],
    ['patience', { stopTimeoutMs: 500 }, /^stopping: warning: .*: raise STOP_TIMEOUT_MS to 10000/],
  ])('tells of a gateway with too little %s for these nodes', (_, changes, told) => {
    expect(complaints(facts({}, changes))).toEqual([expect.stringMatching(told)]);
  });
});

test('docs/operations.md has what is asked as it is', async () => {
  const text = await readFile(join(packageRoot, 'docs/operations.md'), 'utf8');
  const section = /^## Diagnosis$[^]*?(?=^## )/m.exec(text)?.[0] ?? '';
  const rows = section.matchAll(/^\| `(?<item>\w+)` *\| (?<rule>[^|]*?) *\|$/gm);
  expect([...rows].map(({ groups }) => [groups?.['item'], groups?.['rule']])).toEqual(
    Object.entries(all).map(([item, { rule }]) => [item, rule]),
  );
});

test('the shipped configuration gives the gateway the functions that it calls', async () => {
  const shape = z.object({
    credentials: z.object({
      users: z.object({
        gateway: z.object({ privileges: z.array(z.object({ functions: z.array(z.string()) })) }),
      }),
    }),
  });
  const { credentials } = shape.parse(parse(await readFile(cluster.path, 'utf8')));
  const granted = credentials.users.gateway.privileges.flatMap(({ functions }) => functions);
  expect(granted.toSorted()).toEqual(calledFunctions.toSorted());
});
