import { beforeEach, describe, expect, test } from 'vitest';
import { createLeadershipFeed, type LeadershipFeed } from '../../../src/leadership/feed.js';
import type { LeadershipChange } from '../../../src/leadership/leadership.type.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';
import { ManualClock } from '../../support/manual-clock.js';

let clock: ManualClock;
let replicaSet: FakeReplicaSet;
let feed: LeadershipFeed;
beforeEach(() => {
  clock = new ManualClock();
  replicaSet = new FakeReplicaSet(clock);
  feed = createLeadershipFeed(replicaSet, clock);
});

/** The next value, in the same words for both kinds. */
async function next<T>(source: AsyncGenerator<T>): Promise<T> {
  const { value, done } = await source.next();
  if (done === true) throw new Error('The source has ended');
  return value;
}
const summary = ({ sequence, kind, term, leader, previousLeader, leaderlessMs }: LeadershipChange) => ({
  sequence,
  kind,
  term,
  leader: leader?.name ?? null,
  previousLeader: previousLeader?.name ?? null,
  leaderlessMs,
});

describe('leadership changes', () => {
  test('begin with how things stand, before anything was ever elected', async () => {
    expect(summary(await next(feed.leadershipChanges()))).toEqual({
      sequence: 0,
      kind: 'CURRENT',
      term: 1,
      leader: 'instance001',
      previousLeader: null,
      leaderlessMs: null,
    });
  });

  test('are told in order: the loss, then the election', async () => {
    const changes = feed.leadershipChanges();
    await next(changes);
    const loss = next(changes);
    replicaSet.loseLeader();
    replicaSet.elect('instance002', { leaderlessMs: 30 });
    expect(summary(await loss)).toEqual({
      sequence: 1,
      kind: 'LOST',
      term: 1,
      leader: null,
      previousLeader: 'instance001',
      leaderlessMs: null,
    });
    expect(summary(await next(changes))).toEqual({
      sequence: 2,
      kind: 'ELECTED',
      term: 2,
      leader: 'instance002',
      previousLeader: 'instance001',
      leaderlessMs: 30,
    });
  });

  test('begin with how long nobody has led, when nobody leads', async () => {
    replicaSet.loseLeader();
    clock.advance(250);
    expect(summary(await next(feed.leadershipChanges()))).toMatchObject({
      sequence: 1,
      kind: 'CURRENT',
      leader: null,
      previousLeader: 'instance001',
      leaderlessMs: 250,
    });
  });

  test('do not say how long nobody has led when that began before this gateway did', async () => {
    replicaSet.observe({ state: 'electing', leader: null });
    expect(await next(feed.leadershipChanges())).toMatchObject({ leader: null, leaderlessMs: null });
  });

  test('give a slow listener the newest alone, as it was, and a gap in the sequence to know it by', async () => {
    const changes = feed.leadershipChanges();
    await next(changes);
    replicaSet.loseLeader();
    replicaSet.elect('instance002');
    replicaSet.loseLeader();
    replicaSet.elect('instance003', { leaderlessMs: 40 });
    expect(summary(await next(changes))).toEqual({
      sequence: 4,
      kind: 'ELECTED',
      term: 3,
      leader: 'instance003',
      previousLeader: 'instance002',
      leaderlessMs: 40,
    });
    const following = next(changes);
    replicaSet.loseLeader();
    expect(await following).toMatchObject({ sequence: 5, kind: 'LOST' });
  });

  test('leave no listener behind, however many listened and wherever they stopped', async () => {
    const waiting = feed.leadershipChanges();
    const busy = feed.leadershipChanges();
    const unused = feed.leadershipChanges();
    await Promise.all([next(waiting), next(busy)]);
    const pending = waiting.next();
    expect(replicaSet.listenerCount).toBe(1);
    await Promise.all([waiting, busy, unused].map((source) => source.return(undefined)));
    expect((await pending).done).toBe(true);
    expect(replicaSet.listenerCount).toBe(0);
  });
});

describe('topology changes', () => {
  test('begin with how things stand, and come when a node is lost', async () => {
    const topologies = feed.topologyChanges();
    expect((await next(topologies)).nodes.map(({ role }) => role)).toEqual([
      'LEADER',
      'FOLLOWER',
      'FOLLOWER',
    ]);
    const changed = next(topologies);
    replicaSet.observeNode('instance003', { reach: 'unreachable', problem: 'refused' });
    expect((await changed).nodes.map(({ role }) => role)).toEqual(['LEADER', 'FOLLOWER', 'UNREACHABLE']);
  });

  test('come when a replication stream stops, not when its lag or a log position moves', async () => {
    const topologies = feed.topologyChanges();
    await next(topologies);
    const changed = next(topologies);
    const stream = { status: 'follow', lagSeconds: 2, idleSeconds: 3, message: null };
    replicaSet.observeNode('instance002', {}, { lsn: 999, uptimeSeconds: 61 });
    replicaSet.observeNode(
      'instance002',
      {},
      {
        replication: [
          { peer: 'instance001', upstream: stream, downstream: stream },
          { peer: 'instance003', upstream: stream, downstream: stream },
        ],
      },
    );
    const stopped = { status: 'stopped', lagSeconds: null, idleSeconds: 5, message: 'unexpected EOF' };
    replicaSet.observeNode(
      'instance002',
      {},
      {
        replication: [
          { peer: 'instance001', upstream: stream, downstream: stream },
          { peer: 'instance003', upstream: stream, downstream: stopped },
        ],
      },
    );
    const node = (await changed).nodes[1];
    expect(node?.replication[1]?.downstream).toEqual({
      status: 'stopped',
      lag: null,
      idle: 5,
      message: 'unexpected EOF',
    });
    expect(node?.lsn).toBe(999);
  });

  test('give a slow listener the newest alone', async () => {
    const topologies = feed.topologyChanges();
    await next(topologies);
    replicaSet.observeNode('instance003', { reach: 'unreachable' });
    replicaSet.loseLeader();
    replicaSet.elect('instance002');
    expect(await next(topologies)).toMatchObject({
      term: 2,
      leader: { name: 'instance002' },
      writable: true,
    });
  });

  test('cost the replica set one listener however many listen, and none when all have left', async () => {
    const sources = Array.from({ length: 100 }, () => feed.topologyChanges());
    await Promise.all(sources.map(next));
    expect(replicaSet.listenerCount).toBe(1);
    await Promise.all(sources.map((source) => source.return(undefined)));
    expect(replicaSet.listenerCount).toBe(0);

    const late = feed.topologyChanges();
    await next(late);
    const changed = next(late);
    replicaSet.loseLeader();
    expect((await changed).leader).toBeNull();
  });
});

describe('the history', () => {
  test('is the last changes, newest last', () => {
    replicaSet.loseLeader();
    replicaSet.elect('instance002');
    replicaSet.loseLeader();
    expect(feed.history(2).map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect(feed.history(1000)).toHaveLength(3);
  });

  test.each([0, -1, 1001])('cannot be asked for %d changes', (last) => {
    expect(() => feed.history(last)).toThrow('last must be from 1 to 1000');
  });
});
