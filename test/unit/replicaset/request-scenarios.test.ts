import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { ClusterUnavailableError, OutcomeUnknownError } from '../../../src/replicaset/errors.js';
import type { Reply } from '../../../src/tarantool/reply.js';
import { FakeCluster } from './fake-cluster.js';
import { statusReply } from './fake-node.js';
import { followerOf, leaderOf, statusOf } from './notation.js';

/*
 * The scenarios of failover that are about requests rather than about who leads; those are in scenarios.ts. Told by what
 * nodes say and do, and by what the client hears.
 */

let cluster: FakeCluster;

beforeEach(() => {
  vi.useFakeTimers();
  cluster = new FakeCluster();
});

afterEach(async () => {
  await cluster.replicaSet.stop();
  await vi.advanceTimersByTimeAsync(100);
  vi.useRealTimers();
});

const done: Reply = { status: 'ok', done: true };
const aLeads = [
  leaderOf('a', 5),
  followerOf('a', 'b', { term: 5 }),
  followerOf('a', 'c', { term: 5 }),
] as const;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** What a client has heard so far of its write. */
interface Heard {
  reply: Reply | null;
  error: unknown;
  /** Milliseconds from the request to the end. */
  after: number | null;
}

function write({ forMs = 5_000 } = {}): Heard {
  const startedAt = systemClock.now();
  const heard: Heard = { reply: null, error: null, after: null };
  const end = (what: Partial<Heard>): void => {
    Object.assign(heard, what, { after: Math.round(systemClock.now() - startedAt) });
  };
  cluster.replicaSet.write('employees.write', ['arguments'], { deadlineAt: startedAt + forMs }).then(
    (reply) => end({ reply }),
    (error: unknown) => end({ error }),
  );
  return heard;
}

/** Answers every write on a node; returns what was called, in order. */
function answering(name: string, answer: (nth: number) => Reply | 'READ_ONLY'): string[] {
  const called: string[] = [];
  cluster.node(name).onCall = (call) => {
    called.push(call.fn);
    const reply = answer(called.length);
    if (reply === 'READ_ONLY') call.fail('READ_ONLY');
    else call.answer(reply);
  };
  return called;
}

describe('a write', () => {
  it('S02: waits while no node can be reached at the start, and fails by its deadline', async () => {
    cluster.replicaSet.start();
    for (const name of ['a', 'b', 'c']) cluster.kill(name);
    const heard = write({ forMs: 1_000 });
    await pass(1_001);
    expect(heard.error).toBeInstanceOf(ClusterUnavailableError);
    expect(cluster.replicaSet.counts.requests).toMatchObject({ accepted: 1, expired: 1, underWay: 0 });
  });

  it('S12, S28: that comes after an unnoticed loss is applied by the same leader once it leads again', async () => {
    await cluster.start(...aLeads);
    cluster.kill('a');
    await pass(3_000);
    const heard = write();
    await pass(0);
    expect(heard.after).toBeNull();
    cluster.node('a').connect();
    cluster.polls('a').connect();
    const called = answering('a', () => done);
    await cluster.say(leaderOf('a', 6));
    expect([heard.reply, called.length]).toEqual([done, 1]);
    expect(cluster.replicaSet.counts.buffer).toMatchObject({ buffered: 1, drained: 1 });
  });

  it('S13, S14: is not sent to a leader that is not writable yet', async () => {
    await cluster.start(statusOf('b', { role: 'leader', term: 6, leader: 'b', readOnlyReason: 'synchro' }));
    const called = answering('b', () => done);
    const heard = write({ forMs: 1_000 });
    await pass(1_001);
    expect(called).toEqual([]);
    expect(heard.error).toMatchObject({ term: 6 });
  });

  it('S15: that meets a read-only node has all nodes asked at once, and goes to the one that leads', async () => {
    cluster = new FakeCluster({ pollIntervalMs: 1_000 });
    await cluster.start(...aLeads);
    cluster.polls('b').onCall = (call) => call.answer(statusReply(leaderOf('b', 6)));
    answering('a', () => 'READ_ONLY');
    answering('b', () => done);
    const heard = write();
    await pass(20);
    expect(heard.reply).toBe(done);
  });

  it('S32: is not turned away from its leader by an error that merely reads like "read-only"', async () => {
    await cluster.start(...aLeads);
    const heard = write();
    await pass(0);
    // Whatever the text: the number, 32 for any error() in Lua, is all that is looked at (tarantool/errors.ts).
    cluster.node('a').calls[0]?.fail('NODE_FAILURE');
    await pass(0);
    expect(cluster.replicaSet.view.leader).toBe('a');
    expect(heard.after).toBeNull();
  });

  it('S33: is answered with data that looks like an error, and nobody is deposed', async () => {
    await cluster.start(...aLeads);
    const reply: Reply = { status: 'ok', rows: [[7, 'READ_ONLY', 'not_applied', 7]] };
    answering('a', () => reply);
    const heard = write();
    await pass(0);
    expect(heard.reply).toBe(reply);
    expect(cluster.replicaSet.view.leader).toBe('a');
  });

  it('S34: finds the next leader long before the next poll is due, and a failing node is not asked more often than it may be', async () => {
    cluster = new FakeCluster({ pollIntervalMs: 10_000 });
    await cluster.start(...aLeads);
    await pass(2_000);
    let polls = 0;
    cluster.polls('a').onCall = (call) => {
      polls += 1;
      call.answer(statusReply(followerOf('b', 'a', { term: 6 })));
    };
    cluster.polls('b').onCall = (call) => call.answer(statusReply(leaderOf('b', 6)));
    answering('a', () => 'READ_ONLY');
    answering('b', () => done);
    const heard = write();
    await pass(20);
    expect(heard.reply).toBe(done);
    // One for the refusal, and one more for the loss: 10 ms apart at least.
    expect(polls).toBeLessThanOrEqual(3);
  });

  it('S39: hears of the unknown outcome of its first attempt, not of the missing leader of its second', async () => {
    await cluster.start(...aLeads);
    const heard = write({ forMs: 1_000 });
    await pass(0);
    cluster.node('a').calls[0]?.fail('CONNECTION_LOST', 'unknown');
    cluster.kill('a');
    await pass(1_001);
    expect(heard.error).toBeInstanceOf(OutcomeUnknownError);
  });

  it('S40: has one deadline for three attempts, on three leaders, and every node is told it', async () => {
    await cluster.start(...aLeads);
    const deadlines: number[] = [];
    const remember = (name: string): void => {
      cluster.node(name).onCall = (call) => void deadlines.push(call.deadlineAt);
    };
    for (const name of ['a', 'b', 'c']) remember(name);
    const startedAt = systemClock.now();
    const heard = write({ forMs: 3_000 });
    await pass(900);
    await cluster.say(leaderOf('b', 6));
    await pass(900);
    await cluster.say(leaderOf('c', 7));
    await pass(3_050 - (systemClock.now() - startedAt));
    expect(deadlines).toEqual(Array(3).fill(startedAt + 3_000));
    expect(heard.error).toBeInstanceOf(OutcomeUnknownError);
    expect(heard.after).toBeLessThanOrEqual(3_050);
  });
});

describe('two failovers', () => {
  it('some seconds apart are both waited for, the second also in the middle of a drain', async () => {
    await cluster.start(...aLeads);
    cluster.kill('a');
    const first = Array.from({ length: 30 }, () => write());
    await cluster.say(leaderOf('b', 6));
    // Eight have been sent to b, which dies before it answers.
    expect(cluster.node('b').calls).toHaveLength(8);
    cluster.kill('b');
    await pass(1_000);
    answering('c', () => done);
    await cluster.say(leaderOf('c', 7));
    for (const { reply } of first) expect(reply).toBe(done);
    await pass(5_000);
    cluster.kill('c');
    const second = write();
    cluster.node('a').connect();
    cluster.polls('a').connect();
    answering('a', () => done);
    await cluster.say(leaderOf('a', 8));
    expect(second.reply).toBe(done);
    expect(cluster.replicaSet.counts.requests).toMatchObject({ accepted: 31, completed: 31, underWay: 0 });
  });
});
