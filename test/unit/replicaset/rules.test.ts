import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeCluster } from './fake-cluster.js';
import { followerOf, leaderOf, statusOf } from './notation.js';
import { Play } from './play.js';

/*
 * The rules of leader tracking, one by one; the scenarios show them at work together. T4, that a leader whom no majority
 * is seen to follow is not trusted with reads, is the nodes' part here: a LEADER read is answered by a writable leader
 * only, which a majority has let lead (test/cluster/stale-leader.test.ts).
 */

/** What each step leads to, in words. */
const played = (...steps: readonly string[]) => {
  const play = new Play();
  return steps.map((step) => play.step(step).standing);
};

describe('who leads', () => {
  it('T1: a node that is reachable, elected and writable, and none that lacks one of these', () => {
    expect(played('1:L5ro', '1:F5>1', '1:L5', '1:X')).toEqual([
      'no-quorum t5',
      'no-quorum t5',
      'led 1 t5',
      'no-quorum t5',
    ]);
  });

  it('T2: nobody of a lower term than a leader or a majority has had, and of one term only the first', () => {
    expect(played('1:L5', '2:L4', '2:L5')).toEqual(['led 1 t5', 'led 1 t5', 'split t5']);
    expect(played('2:F6>0 3:F6>0', '1:L5')).toEqual(['electing t6', 'electing t6']);
  });

  it('T5: nobody by an answer or an error that is older than what is known of the node', () => {
    expect(played('1:F6>0', '~1:L5', '1:L7', '~1:X', '~1:R')).toEqual([
      'no-quorum t0',
      'no-quorum t0',
      'led 1 t7',
      'led 1 t7',
      'led 1 t7',
    ]);
  });

  it('T8: is told only when it changes, in the order of terms', () => {
    const play = new Play();
    for (const step of ['1:L5', '1:L5 2:F5>1', '3:C6', '1:X', '2:L7', '1:L5', '2:L7', '3:L8'])
      play.step(step);
    const terms = play.events.map(({ term }) => term);
    expect(terms).toEqual(terms.toSorted((a, b) => a - b));
    expect(play.events.map(({ kind, leader }) => `${kind} ${leader}`)).toEqual([
      'ELECTED 1',
      'LOST null',
      'ELECTED 2',
      'ELECTED 3',
    ]);
  });

  it('T9: does not change by a node that speaks of a lower term than before', () => {
    expect(played('1:L5 2:F5>1 3:F5>1', '2:F4>0', '3:F4>0', '1:L5')).toEqual(Array(4).fill('led 1 t5'));
  });
});

describe('what is asked of the nodes', () => {
  let cluster: FakeCluster;
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(async () => {
    await cluster.replicaSet.stop();
    vi.useRealTimers();
  });

  it('T3: the former leader is asked at once when another is found, which may be long before its next poll', async () => {
    cluster = new FakeCluster({ pollIntervalMs: 1_000 });
    await cluster.start(
      leaderOf('a', 5),
      followerOf('a', 'b', { term: 5 }),
      followerOf('a', 'c', { term: 5 }),
    );
    await vi.advanceTimersByTimeAsync(500);
    cluster.freeze('a');
    await cluster.say(leaderOf('b', 6));
    expect(cluster.replicaSet.view.leader).toBe('b');
    expect(cluster.polls('a').calls).toHaveLength(1);
  });

  it('T6: a broken connection is believed at once, a time-out is looked into', async () => {
    cluster = new FakeCluster({ pollIntervalMs: 1_000 });
    await cluster.start(
      leaderOf('a', 5),
      followerOf('a', 'b', { term: 5 }),
      followerOf('a', 'c', { term: 5 }),
    );
    const deadlineAt = performance.now() + 100;
    const write = cluster.replicaSet.write('employees.write', [], { deadlineAt });
    const timedOut = expect(write).rejects.toThrow('did not say');
    cluster.freeze('a');
    await vi.advanceTimersByTimeAsync(102);
    await timedOut;
    expect(cluster.polls('a').calls).toHaveLength(1);
    expect(cluster.replicaSet.view.leader).toBe('a');
    cluster.kill('a');
    expect(cluster.replicaSet.view.leader).toBeNull();
  });

  it('T7: many reasons to ask at once are one question, and the next comes no sooner than it may', async () => {
    cluster = new FakeCluster({ pollIntervalMs: 10 });
    await cluster.start(statusOf('a'), statusOf('b'));
    let asked = 0;
    const answer = cluster.polls('a').onCall;
    cluster.polls('a').onCall = (call) => {
      asked += 1;
      answer?.(call);
    };
    cluster.node('a').onCall = (call) => call.fail('NOT_READY');
    const deadlineAt = performance.now() + 100;
    const reads = Array.from({ length: 50 }, () =>
      cluster.replicaSet.read('employees.get', [], { target: { kind: 'node', name: 'a' }, deadlineAt }),
    );
    const ended = Promise.allSettled(reads);
    await vi.advanceTimersByTimeAsync(110);
    await ended;
    expect(asked).toBeLessThanOrEqual(12);
  });
});
