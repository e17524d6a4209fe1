import { describe, expect, it } from 'vitest';
import { chooseNode, type Choice } from '../../../src/replicaset/selection.js';
import type { NodeView, ReplicaSetView } from '../../../src/replicaset/view.js';
import type { NodeStatus } from '../../../src/tarantool/node-status.js';
import { followerOf, leaderOf, statusOf, upstream } from './notation.js';

const reachable = (status: NodeStatus): NodeView => ({
  name: status.name,
  uri: status.name,
  reach: 'reachable',
  status,
  problem: null,
  lastSeenAt: new Date(0),
});
const unreachable = (status: NodeStatus): NodeView => ({
  ...reachable(status),
  reach: 'unreachable',
  problem: 'gone',
});
const unknown = (name: string): NodeView => ({
  ...reachable(statusOf(name)),
  reach: 'unknown',
  status: null,
});

function viewOf(leader: string | null, ...nodes: readonly NodeView[]): ReplicaSetView {
  return {
    state: leader === null ? 'electing' : 'led',
    term: 1,
    leader,
    previousLeader: null,
    quorum: 2,
    nodes,
    observedAt: new Date(0),
  };
}

const use = (node: string): Choice => ({ kind: 'use', node });
const wait: Choice = { kind: 'wait' };
const plain = { turn: 0, avoid: null };
const replica = { kind: 'replica' } as const;
const named = (name: string) => ({ kind: 'node', name }) as const;

const leader = reachable(leaderOf('a', 1));
const follower = (name: string, lagSeconds = 0) => reachable(followerOf('a', name, { lagSeconds }));

/** The choices of requests in a row. */
const turns = (view: ReplicaSetView, count = 4) =>
  Array.from({ length: count }, (_, turn) => chooseNode(view, replica, { turn, avoid: null }));

/** The same, of requests that have just met a failure on a node. */
const avoiding = (view: ReplicaSetView, avoid: string) =>
  [0, 1, 2].map((turn) => chooseNode(view, replica, { turn, avoid }));

describe('a request for the leader', () => {
  it('goes to the leader, or waits for one', () => {
    expect(chooseNode(viewOf('a', leader), { kind: 'leader' }, plain)).toEqual(use('a'));
    expect(chooseNode(viewOf(null, leader), { kind: 'leader' }, plain)).toEqual(wait);
  });
});

describe('a request for a replica', () => {
  it('goes to each of the healthy followers in turn', () => {
    const view = viewOf('a', leader, follower('b'), follower('c', 0.05));
    expect(turns(view)).toEqual(['b', 'c', 'b', 'c'].map(use));
  });

  it('leaves out followers that lag more than the best one', () => {
    const view = viewOf('a', leader, follower('b', 0.5), follower('c', 0.01));
    expect(turns(view, 2)).toEqual([use('c'), use('c')]);
  });

  it.each([
    ['lags by seconds', follower('b', 3)],
    ['cannot be reached', unreachable(followerOf('a', 'b'))],
    ['was never heard', unknown('b')],
    ['is a candidate', reachable(statusOf('b', { role: 'candidate', replication: [upstream('a')] }))],
    ['claims to lead', reachable(leaderOf('b', 1))],
    ['has diverged', reachable(statusOf('b', { replication: [upstream('a', { status: 'stopped' })] }))],
    [
      'lost the leader',
      reachable(statusOf('b', { replication: [upstream('a', { status: 'disconnected' })] })),
    ],
    ['follows another node', reachable(followerOf('c', 'b'))],
  ])('goes to the leader when the only other node %s', (_, other) => {
    expect(chooseNode(viewOf('a', leader, other), replica, plain)).toEqual(use('a'));
  });

  it('goes to a follower while nobody leads, but not to one that has diverged', () => {
    const diverged = reachable(statusOf('c', { replication: [upstream('a', { status: 'stopped' })] }));
    expect(
      chooseNode(viewOf(null, unreachable(leaderOf('a', 1)), follower('b'), diverged), replica, plain),
    ).toEqual(use('b'));
    expect(chooseNode(viewOf(null, diverged), replica, plain)).toEqual(wait);
  });

  it('avoids the node that has just failed it: another follower, else the leader, else it once more', () => {
    const both = viewOf('a', leader, follower('b'), follower('c'));
    expect(avoiding(both, 'b')).toEqual(['c', 'c', 'c'].map(use));
    expect(avoiding(viewOf('a', leader, follower('b'), follower('c', 0.5)), 'b')).toEqual(
      ['c', 'c', 'c'].map(use),
    );
    expect(avoiding(viewOf('a', leader, follower('b')), 'b')).toEqual(['a', 'a', 'a'].map(use));
    expect(avoiding(viewOf('a', leader, follower('b')), 'a')).toEqual(['b', 'b', 'b'].map(use));
    expect(avoiding(viewOf('a', leader), 'a')).toEqual(['a', 'a', 'a'].map(use));
    expect(avoiding(viewOf(null, follower('b')), 'b')).toEqual(['b', 'b', 'b'].map(use));
  });

  it('S36: leaves out a node that came back with rows of its own, which replication has refused', () => {
    const splitBrain = { status: 'stopped', message: 'Split-Brain discovered: got a request with lsn ...' };
    const diverged = reachable(statusOf('b', { replication: [upstream('a', splitBrain), upstream('c')] }));
    const view = viewOf('a', leader, diverged, follower('c'));
    expect(turns(view)).toEqual(['c', 'c', 'c', 'c'].map(use));
    expect(chooseNode(view, replica, { turn: 0, avoid: 'c' })).toEqual(use('a'));
    expect(chooseNode(view, named('b'), plain)).toEqual(use('b'));
  });

  it('waits when there is neither a follower nor a leader', () => {
    expect(chooseNode(viewOf(null, unknown('a'), unknown('b')), replica, plain)).toEqual(wait);
  });
});

describe('a request for a named node', () => {
  const view = viewOf('a', leader, follower('b'), unreachable(statusOf('c')), unknown('d'));

  it('goes to that node, whatever its role', () => {
    expect(chooseNode(view, named('a'), plain)).toEqual(use('a'));
    expect(chooseNode(view, named('b'), { turn: 1, avoid: 'b' })).toEqual(use('b'));
  });

  it('fails at once when the node is unreachable', () => {
    expect(chooseNode(view, named('c'), plain)).toEqual({ kind: 'fail', message: 'Node c is unreachable' });
  });

  it('waits while the node has not been heard for the first time', () => {
    expect(chooseNode(view, named('d'), plain)).toEqual(wait);
  });
});
