import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { FakeCluster } from './fake-cluster.js';
import { statusReply } from './fake-node.js';
import { describeEvent, followerOf, leaderOf } from './notation.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const abc = ['a', 'b', 'c'];

describe('a replica set', () => {
  it('connects to nothing before it is started, and knows its nodes already', () => {
    const cluster = new FakeCluster();
    expect(abc.flatMap((name) => [...cluster.node(name).asked, ...cluster.polls(name).asked])).toEqual([]);
    expect(cluster.replicaSet.view).toMatchObject({ state: 'no-quorum', quorum: 2, leader: null });
    expect(cluster.replicaSet.view.nodes.map(({ name, uri, reach }) => [name, uri, reach])).toEqual(
      abc.map((name) => [name, `${name}:3301`, 'unknown']),
    );
  });

  it('connects the requests of a node as soon as its polls are connected', async () => {
    const cluster = new FakeCluster();
    cluster.replicaSet.start();
    cluster.polls('b').connect();
    expect(cluster.node('b').asked).toEqual(['start', 'wake']);
    await cluster.replicaSet.stop();
  });

  it('polls a node at once when its connection for requests is lost', async () => {
    const cluster = new FakeCluster({ pollIntervalMs: 1_000 });
    await cluster.start(leaderOf('a', 5));
    await vi.advanceTimersByTimeAsync(500);
    cluster.polls('a').onCall = null;
    cluster.node('a').disconnect();
    await vi.advanceTimersByTimeAsync(0);
    expect(cluster.polls('a').calls).toHaveLength(1);
    await cluster.replicaSet.stop();
  });

  it('polls every node at once when the leader is lost, and often until there is another', async () => {
    const cluster = new FakeCluster({ pollIntervalMs: 1_000 });
    await cluster.start(leaderOf('a', 5), followerOf('a', 'b', { term: 5 }));
    await vi.advanceTimersByTimeAsync(500);
    let polls = 0;
    cluster.polls('b').onCall = (call) => {
      polls += 1;
      call.answer(statusReply(followerOf('a', 'b', { term: 5 })));
    };
    cluster.polls('a').disconnect();
    await vi.advanceTimersByTimeAsync(95);
    expect(polls).toBe(10);
    await cluster.replicaSet.stop();
  });

  it('polls rarely while nobody needs it; at once, and often again, when somebody does', async () => {
    const cluster = new FakeCluster({ pollIntervalMs: 100 });
    await cluster.start(leaderOf('a', 5), followerOf('a', 'b', { term: 5 }));
    let polls = 0;
    cluster.polls('b').onCall = (call) => {
      polls += 1;
      call.answer(statusReply(followerOf('a', 'b', { term: 5 })));
    };
    const pollsWithin = async (durationMs: number): Promise<number> => {
      const before = polls;
      await vi.advanceTimersByTimeAsync(durationMs);
      return polls - before;
    };
    const stopPatient = cluster.replicaSet.onLeadership(() => {}, { isPatient: true });
    expect(await pollsWithin(5_000)).toBe(5);

    const stopListening = cluster.replicaSet.onView(() => {});
    expect(await pollsWithin(1)).toBe(1);
    expect(await pollsWithin(20_000)).toBe(200);
    stopListening();
    await pollsWithin(1_000);
    expect(await pollsWithin(5_000)).toBe(5);

    cluster.node('a').onCall = (call) => call.answer({ status: 'ok' });
    await cluster.replicaSet.read('f', [], {
      target: { kind: 'leader' },
      deadlineAt: systemClock.now() + 1_000,
    });
    expect(await pollsWithin(1)).toBe(1);
    expect(await pollsWithin(9_000)).toBe(90);
    await pollsWithin(2_000);
    expect(await pollsWithin(5_000)).toBe(5);
    stopPatient();
    await cluster.replicaSet.stop();
  });

  it('tells the story of a failover in order', async () => {
    const cluster = new FakeCluster();
    const story: string[] = [];
    cluster.replicaSet.onLeadership((event) => story.push(describeEvent(event)));
    await cluster.start(
      leaderOf('a', 5),
      followerOf('a', 'b', { term: 5 }),
      followerOf('a', 'c', { term: 5 }),
    );
    cluster.kill('a');
    await vi.advanceTimersByTimeAsync(40);
    await cluster.say(leaderOf('b', 6));
    expect(story).toEqual([
      'ELECTED a t5 first',
      'LOST a t5',
      expect.stringMatching(/^ELECTED b t6 after [45]\dms$/),
    ]);
    expect(cluster.replicaSet.history.map(describeEvent)).toEqual(story);
    await cluster.replicaSet.stop();
  });

  it('closes both connections of each node when it stops, and leaves no timer', async () => {
    const cluster = new FakeCluster();
    await cluster.start(leaderOf('a', 5));
    await cluster.replicaSet.stop();
    await cluster.replicaSet.stop();
    for (const name of abc) {
      expect(cluster.node(name).asked.filter((word) => word === 'stop')).toHaveLength(1);
      expect(cluster.polls(name).asked.filter((word) => word === 'stop')).toHaveLength(1);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it('connects to members that come, and leaves those that go', async () => {
    const cluster = new FakeCluster();
    await cluster.start(leaderOf('a', 5), followerOf('a', 'b', { term: 5 }));
    cluster.replicaSet.changeMembers(
      ['a', 'c', 'd', 'e', 'f'].map((name) => ({ name, host: name, port: 3301 })),
    );
    expect(cluster.replicaSet.view).toMatchObject({ leader: 'a', quorum: 3, state: 'led' });
    for (const name of ['d', 'e', 'f']) {
      expect(cluster.node(name).asked).toEqual(['start']);
      expect(cluster.polls(name).asked).toEqual(['start']);
    }
    for (const connection of [cluster.node('b'), cluster.polls('b')]) {
      expect(connection.asked.at(-1)).toBe('stop');
    }
    cluster.polls('d').connect();
    await cluster.say(followerOf('a', 'd', { term: 5 }));
    expect(cluster.replicaSet.view.nodes.map(({ name, reach }) => `${name} ${reach}`)).toEqual([
      'a reachable',
      'c unknown',
      'd reachable',
      'e unknown',
      'f unknown',
    ]);
    expect(cluster.log.lines).toEqual(
      expect.arrayContaining(['info b at b:3301 is no member any more', 'info d at d:3301 is a member now']),
    );
    await cluster.replicaSet.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('makes new connections to a member at another address', async () => {
    const cluster = new FakeCluster();
    await cluster.start(leaderOf('a', 5), followerOf('a', 'b', { term: 5 }));
    const [requests, polls] = [cluster.node('b'), cluster.polls('b')];
    cluster.replicaSet.changeMembers(
      abc.map((name) => ({ name, host: name, port: name === 'b' ? 3399 : 3301 })),
    );
    expect([requests.asked.at(-1), polls.asked.at(-1)]).toEqual(['stop', 'stop']);
    expect(cluster.replicaSet.view.nodes[1]).toMatchObject({ uri: 'b:3399', reach: 'unknown', status: null });
    await cluster.replicaSet.stop();
  });

  it('repeats on the next leader what was sent to one that is no member any more', async () => {
    const cluster = new FakeCluster();
    await cluster.start(leaderOf('a', 5), followerOf('a', 'b', { term: 5 }));
    const written = cluster.replicaSet.write('f', [], { deadlineAt: systemClock.now() + 5_000 });
    await vi.advanceTimersByTimeAsync(0);
    expect(cluster.node('a').calls).toHaveLength(1);
    cluster.replicaSet.changeMembers(['b', 'c'].map((name) => ({ name, host: name, port: 3301 })));
    expect(cluster.replicaSet.view).toMatchObject({ leader: null, previousLeader: 'a', term: 5, quorum: 2 });
    cluster.node('b').onCall = (call) => call.answer({ status: 'ok', from: 'b' });
    await cluster.say(leaderOf('b', 6));
    await expect(written).resolves.toEqual({ status: 'ok', from: 'b' });
    await cluster.replicaSet.stop();
  });

  it('fails a read at once that names a node which has gone meanwhile', async () => {
    const cluster = new FakeCluster();
    await cluster.start(leaderOf('a', 5));
    const target = { kind: 'node', name: 'c' } as const;
    const read = cluster.replicaSet.read('f', [], { target, deadlineAt: systemClock.now() + 5_000 });
    const failed = expect(read).rejects.toThrow('Node c is no member any more');
    await vi.advanceTimersByTimeAsync(0);
    cluster.replicaSet.changeMembers(['a', 'b'].map((name) => ({ name, host: name, port: 3301 })));
    await vi.advanceTimersByTimeAsync(0);
    await failed;
    await cluster.replicaSet.stop();
  });

  it.each([1, 5, 7])('takes %i nodes with any names', async (count) => {
    const names = Array.from({ length: count }, (_, index) => `storage-${index} (eu)`);
    const cluster = new FakeCluster({ names });
    await cluster.start(leaderOf('storage-0 (eu)', 3));
    expect(cluster.replicaSet.view).toMatchObject({
      leader: 'storage-0 (eu)',
      quorum: Math.floor(count / 2) + 1,
    });
    await cluster.replicaSet.stop();
  });
});
