import { beforeEach, expect, test } from 'vitest';
import { nodeNamed, topologyOf } from '../../../src/leadership/topology.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';
import { ManualClock } from '../../support/manual-clock.js';

let replicaSet: FakeReplicaSet;
beforeEach(() => {
  replicaSet = new FakeReplicaSet(new ManualClock());
});

test('the leader is the node that the gateway writes to, and no other is writable', () => {
  // It has not heard yet that another was elected.
  replicaSet.observeNode('instance003', {}, { role: 'leader', writable: true });
  const { leader, writable, quorum, nodes } = topologyOf(replicaSet.view);
  expect({ leader: leader?.name, writable, quorum }).toEqual({
    leader: 'instance001',
    writable: true,
    quorum: 2,
  });
  expect(nodes.map((node) => [node.name, node.role, node.writable])).toEqual([
    ['instance001', 'LEADER', true],
    ['instance002', 'FOLLOWER', false],
    ['instance003', 'LEADER', false],
  ]);
});

test('without a leader nothing is writable, whatever the nodes say', () => {
  replicaSet.observe({ state: 'electing', leader: null });
  const { leader, writable, nodes } = topologyOf(replicaSet.view);
  expect({ leader, writable }).toEqual({ leader: null, writable: false });
  expect(nodes.some((node) => node.writable)).toBe(false);
});

test('a dead node keeps what was last known of it, and loses what is no longer true', () => {
  replicaSet.observeNode('instance002', {
    reach: 'unreachable',
    problem: 'connect ECONNREFUSED 127.0.0.1:3302',
  });
  const node = topologyOf(replicaSet.view).nodes[1];
  expect(node).toMatchObject({
    role: 'UNREACHABLE',
    reachable: false,
    writable: false,
    readOnlyReason: null,
    term: 1,
    lsn: 100,
    version: '3.3.0',
    uptimeSeconds: null,
    replication: [],
  });
  expect(node?.lastSeenAt).toBeInstanceOf(Date);
});

test('a node that was never heard has a name and an address', () => {
  replicaSet.observeNode('instance002', { reach: 'unknown', lastSeenAt: null });
  const nodes = replicaSet.view.nodes.map((node) => ({
    ...node,
    status: node.name === 'instance002' ? null : node.status,
  }));
  replicaSet.observe({ nodes });
  expect(topologyOf(replicaSet.view).nodes[1]).toMatchObject({
    name: 'instance002',
    uri: '127.0.0.1:3302',
    role: 'UNREACHABLE',
    term: null,
    lsn: null,
    lastSeenAt: null,
  });
});

test('a node that has no log position yet has none to show', () => {
  replicaSet.observeNode('instance002', {}, { lsn: -1 });
  expect(nodeNamed('instance002', replicaSet.view)?.lsn).toBeNull();
});

test('nobody is no node, and neither is a name that the replica set does not have', () => {
  expect(nodeNamed(null, replicaSet.view)).toBeNull();
  expect(nodeNamed('instance009', replicaSet.view)).toBeNull();
});
