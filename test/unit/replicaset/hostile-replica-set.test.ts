import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import type { ReadTarget } from '../../../src/replicaset/replica-set.js';
import type { Reply } from '../../../src/tarantool/reply.js';
import { SeededRandom } from '../../../src/trial/random.js';
import { FakeCluster } from './fake-cluster.js';
import { type FakeCall, type FakeConnection, statusReply } from './fake-node.js';
import { followerOf, leaderOf, statusOf } from './notation.js';

/*
 * A whole replica set whose nodes flap, claim what they like, and answer what no node would, while requests come.
 * HOSTILE_RUNS tries more of it.
 */

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const names = ['a', 'b', 'c'] as const;
const seeds = Array.from({ length: Number(process.env['HOSTILE_RUNS'] ?? 4) }, (_, index) => index + 1);
const steps = 100;
const patienceMs = 400;

/** Values that no status has where it has something. */
const wrong = [null, -1, NaN, 1e300, '', 'x'.repeat(10_000), [], {}, [[]], true, { toString: null }] as const;

/** What a node might say of itself: true or not, or no status at all. */
function statusAnswer(random: SeededRandom, name: string): Reply {
  const term = random.between(1, 500);
  const status = random.pick([
    leaderOf(name, term),
    followerOf(random.pick(names), name, { term }),
    statusOf(name, { role: 'candidate', term }),
    // It leads, and may not write yet.
    statusOf(name, { role: 'leader', term, leader: name }),
    leaderOf(random.pick(names), term),
  ]);
  const reply: Reply = statusReply(status);
  if (random.next() < 0.6) return reply;
  const field = random.pick([
    'name',
    'term',
    'role',
    'writable',
    'replication',
    'boot_id',
    'leader',
    'status',
    'lsn',
  ]);
  return { ...reply, [field]: random.pick(wrong), status: 'ok' };
}

/** How a node might answer a request; some it never answers. */
function answerRequest(random: SeededRandom, call: FakeCall): void {
  const ways: readonly [() => void, ...(() => void)[]] = [
    () => call.answer({ status: 'ok', from: 'somebody' }),
    () => call.answer({ status: 'rejected', code: 'NOT_FOUND' }),
    () => call.fail('READ_ONLY'),
    () => call.fail('CONNECTION_LOST', 'unknown'),
    () => call.fail('BAD_REPLY', 'unknown'),
    () => call.fail('NODE_FAILURE', 'unknown'),
    () => undefined,
  ];
  random.pick(ways)();
}

function reconnect(connection: FakeConnection): void {
  connection.disconnect();
  connection.connect();
}

/** Something happens to one of the nodes. */
function disturb(cluster: FakeCluster, random: SeededRandom): void {
  const name = random.pick(names);
  const [polls, requests] = [cluster.polls(name), cluster.node(name)];
  const events: readonly [() => void, ...(() => void)[]] = [
    () => cluster.kill(name),
    () => cluster.freeze(name),
    () => requests.disconnect(),
    () => reconnect(polls),
    () => reconnect(requests),
    () => {
      polls.onCall = (call) => call.answer(statusAnswer(random, name));
      requests.onCall = (call) => answerRequest(random, call);
    },
  ];
  random.pick(events)();
}

/** Every request ends in one of these ways, and none in another. */
const knownEndings =
  /^(?:answered|ClusterUnavailableError|OutcomeUnknownError|OverloadedError|NodeError|CancelledError)$/;

test.each(seeds)(
  'whatever nodes do and say, requests end in time and terms never fall: seed %i',
  async (seed) => {
    const random = new SeededRandom(seed);
    const cluster = new FakeCluster();
    const { replicaSet } = cluster;
    await cluster.start(leaderOf('a', 1), followerOf('a', 'b'), followerOf('a', 'c'));
    let { term } = replicaSet.view;
    replicaSet.onView((view) => {
      expect(view.term).toBeGreaterThanOrEqual(term);
      ({ term } = view);
      const leader = view.nodes.find(({ name }) => name === view.leader);
      if (view.leader !== null)
        expect(leader).toMatchObject({ reach: 'reachable', status: { writable: true } });
    });

    const late: number[] = [];
    const endings: string[] = [];
    const ask = async (): Promise<void> => {
      const deadlineAt = systemClock.now() + patienceMs;
      const target = random.pick<ReadTarget>([
        { kind: 'leader' },
        { kind: 'replica' },
        { kind: 'node', name: 'b' },
      ]);
      const request =
        random.next() < 0.5
          ? replicaSet.write('employees.update', [{ id: 1 }], { deadlineAt })
          : replicaSet.read('employees.get', [[1]], { target, deadlineAt });
      endings.push(
        await request.then(
          () => 'answered',
          ({ name }: Error) => name,
        ),
      );
      late.push(systemClock.now() - deadlineAt);
    };

    const asked: Promise<void>[] = [];
    for (let step = 0; step < steps; step += 1) {
      disturb(cluster, random);
      asked.push(ask(), ask());
      await vi.advanceTimersByTimeAsync(random.between(0, 30));
    }
    await vi.advanceTimersByTimeAsync(patienceMs + 50);
    expect(endings).toHaveLength(asked.length);
    await Promise.all(asked);
    expect(endings.filter((ending) => !knownEndings.test(ending))).toEqual([]);
    // A timer counts whole milliseconds.
    expect(Math.max(...late)).toBeLessThan(2);
    const { underWay } = replicaSet.counts.requests;
    expect([underWay, replicaSet.counts.buffer.waiting]).toEqual([0, 0]);

    // Nothing of it keeps a healthy replica set from being followed.
    for (const name of names) {
      reconnect(cluster.polls(name));
      reconnect(cluster.node(name));
    }
    cluster.node('b').onCall = (call) => call.answer({ status: 'ok', from: 'b' });
    await cluster.say(
      leaderOf('b', 1_000),
      followerOf('b', 'a', { term: 1_000 }),
      followerOf('b', 'c', { term: 1_000 }),
    );
    await vi.advanceTimersByTimeAsync(1_200);
    expect(replicaSet.view).toMatchObject({ state: 'led', leader: 'b', term: 1_000 });
    const deadlineAt = systemClock.now() + patienceMs;
    const written = replicaSet.write('employees.update', [{ id: 1 }], { deadlineAt });
    await vi.advanceTimersByTimeAsync(50);
    await expect(written).resolves.toEqual({ status: 'ok', from: 'b' });
    await replicaSet.stop();
    expect(vi.getTimerCount()).toBe(0);
  },
);
