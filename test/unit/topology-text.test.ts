import { describe, expect, test } from 'vitest';
import type { NodeView, ReplicaSetView } from '../../src/replicaset/view.js';
import type { NodeStatus, ReplicationStream } from '../../src/tarantool/node-status.js';
import { plain } from '../../src/terminal.js';
import { formatDuration, renderTopology, renderVerdict, whyNotWritable } from '../../src/topology-text.js';

const names = ['instance001', 'instance002', 'instance003'];
const uri = (name: string) => `127.0.0.1:33${name.slice(-2)}`;
const follow: ReplicationStream = { status: 'follow', lagSeconds: 0.0003, idleSeconds: 0.1, message: null };
const disconnected: ReplicationStream = {
  status: 'disconnected',
  lagSeconds: 0.0003,
  idleSeconds: 12.4,
  message: 'Connection refused',
};
const stopped: ReplicationStream = { status: 'stopped', lagSeconds: null, idleSeconds: null, message: null };

function statusOf(name: string, changes: Partial<NodeStatus> = {}): NodeStatus {
  return {
    name,
    instanceUuid: 'c5bfd89f-0d2f-4b8d-a8a4-d5f5b7b5a001',
    bootId: 'e2a2b3f0-6a41-4d25-9f8c-d7d8a5a3a002',
    version: '3.3.0-0-g5fc82b85d6',
    uptimeSeconds: 75,
    pid: 4711,
    role: 'follower',
    term: 7,
    leader: 'instance002',
    writable: false,
    readOnlyReason: 'election',
    lsn: 1204,
    schemaVersion: 1,
    replication: names
      .filter((peer) => peer !== name)
      .map((peer) => ({ peer, upstream: follow, downstream: follow })),
    ...changes,
  };
}

const reachable = (status: NodeStatus): NodeView => ({
  name: status.name,
  uri: uri(status.name),
  reach: 'reachable',
  status,
  problem: null,
  lastSeenAt: new Date(0),
});

const unreachable = (name: string, problem: string): NodeView => ({
  name,
  uri: uri(name),
  reach: 'unreachable',
  status: statusOf(name),
  problem,
  lastSeenAt: null,
});

const view = (changes: Partial<ReplicaSetView>): ReplicaSetView => ({
  state: 'led',
  term: 7,
  leader: 'instance002',
  previousLeader: null,
  quorum: 2,
  nodes: names.map((name) =>
    reachable(statusOf(name, name === 'instance002' ? { role: 'leader', writable: true } : {})),
  ),
  observedAt: new Date(0),
  ...changes,
});

describe('the topology as text', () => {
  test('shows a healthy replica set', () => {
    expect(`\n${renderTopology('replicaset001', view({}), plain)}\n`).toBe(`
replicaset001  term 7, quorum 2 of 3: led by instance002, writable

   node         uri             role      term  lsn   version  uptime
   instance001  127.0.0.1:3301  follower  7     1204  3.3.0    75 s
*  instance002  127.0.0.1:3302  leader    7     1204  3.3.0    75 s
   instance003  127.0.0.1:3303  follower  7     1204  3.3.0    75 s

   at node      peer         upstream: receives from it  downstream: sends to it
   instance001  instance002  follow, lag 0.3 ms          follow, lag 0.3 ms
   instance001  instance003  follow, lag 0.3 ms          follow, lag 0.3 ms
   instance002  instance001  follow, lag 0.3 ms          follow, lag 0.3 ms
   instance002  instance003  follow, lag 0.3 ms          follow, lag 0.3 ms
   instance003  instance001  follow, lag 0.3 ms          follow, lag 0.3 ms
   instance003  instance002  follow, lag 0.3 ms          follow, lag 0.3 ms
`);
  });

  test('ends with whether all is well', () => {
    expect(renderVerdict(view({}), plain)).toBe(
      'Writable: instance002 leads, 3 of 3 nodes answer, replication is well',
    );
    expect(renderVerdict(view({ state: 'no-quorum', leader: null }), plain)).toBe(
      'No writable leader: 3 of 3 nodes answer, 2 are needed to elect one',
    );
  });

  test('marks a dead node, and shows it as disconnected and stopped at the others', () => {
    const dead = { peer: 'instance001', upstream: disconnected, downstream: stopped };
    const links = (other: string) => [dead, { peer: other, upstream: follow, downstream: follow }];
    const nodes = [
      unreachable('instance001', 'connect ECONNREFUSED 127.0.0.1:3301'),
      reachable(
        statusOf('instance002', { role: 'leader', writable: true, replication: links('instance003') }),
      ),
      reachable(statusOf('instance003', { replication: links('instance002') })),
    ];
    expect(`\n${renderTopology('replicaset001', view({ nodes }), plain)}\n`).toBe(`
replicaset001  term 7, quorum 2 of 3: led by instance002, writable

   node         uri             role         term  lsn   version  uptime
   instance001  127.0.0.1:3301  unreachable  -     -     -        -       connect ECONNREFUSED 127.0.0.1:3301
*  instance002  127.0.0.1:3302  leader       7     1204  3.3.0    75 s
   instance003  127.0.0.1:3303  follower     7     1204  3.3.0    75 s

   at node      peer         upstream: receives from it     downstream: sends to it
!  instance002  instance001  disconnected, silent for 12 s  stopped                  Connection refused
   instance002  instance003  follow, lag 0.3 ms             follow, lag 0.3 ms
!  instance003  instance001  disconnected, silent for 12 s  stopped                  Connection refused
   instance003  instance002  follow, lag 0.3 ms             follow, lag 0.3 ms
`);
    expect(renderVerdict(view({ nodes }), plain)).toBe(
      'Writable: instance002 leads, 2 of 3 nodes answer, replication is broken in 2 of 4 rows',
    );
  });

  test('says so when nobody answers', () => {
    const nodes = names.map((name) => unreachable(name, 'connect ECONNREFUSED'));
    const text = renderTopology('set', view({ state: 'no-quorum', leader: null, term: 0, nodes }), plain);
    expect(text).toContain('no writable leader: 0 of 3 nodes answer, 2 are needed to elect one');
    expect(text).toContain('No node tells how replication stands');
  });

  test('tells an elected leader that may not write yet from one that may', () => {
    const nodes = [reachable(statusOf('instance001', { role: 'leader', readOnlyReason: 'synchro' }))];
    expect(renderTopology('set', view({ state: 'electing', leader: null, nodes }), plain)).toContain(
      'leader, not writable (synchro)',
    );
  });

  test('colours what is well green and what is not red', () => {
    const nodes = [
      unreachable('instance001', 'gone'),
      reachable(statusOf('instance002', { role: 'leader', replication: [] })),
    ];
    const marked = renderTopology('set', view({ nodes }), (style, text) => `<${style}>${text}`);
    expect(marked).toMatch(/<red>.*instance001/);
    expect(marked).toMatch(/<green>\* .*instance002/);
  });

  test.each([
    ['led', null],
    ['electing', 'no writable leader: 3 of 3 nodes answer, none of them is elected and writable'],
    ['no-quorum', 'no writable leader: 3 of 3 nodes answer, 2 are needed to elect one'],
    ['split', 'two nodes claim to lead one term: none of them is used until an operator has looked'],
  ] as const)('gives the reason when nobody may write: %s', (state, reason) => {
    expect(whyNotWritable(view({ state }))).toBe(reason);
  });
});

test.each([
  [0.0003, '0.3 ms'],
  [0.25, '250 ms'],
  [12.4, '12 s'],
  [119, '119 s'],
  [600, '10 min'],
  [86_400, '24 h'],
  [864_000, '10 d'],
])('%d seconds read as %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});
