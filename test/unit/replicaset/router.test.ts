import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import {
  CancelledError,
  ClusterUnavailableError,
  OutcomeUnknownError,
  OverloadedError,
  StoppingError,
  UnknownNodeError,
} from '../../../src/replicaset/errors.js';
import type { ReadTarget } from '../../../src/replicaset/replica-set.js';
import { NodeError, type NodeErrorCode } from '../../../src/tarantool/errors.js';
import type { Reply } from '../../../src/tarantool/reply.js';
import { FakeCluster } from './fake-cluster.js';
import { followerOf, leaderOf, statusOf } from './notation.js';

let cluster: FakeCluster;

beforeEach(() => {
  vi.useFakeTimers();
  cluster = new FakeCluster();
});

afterEach(async () => {
  await cluster.replicaSet.stop();
  // What may be left are the pauses of requests that were to be repeated.
  await vi.advanceTimersByTimeAsync(100);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const done: Reply = { status: 'ok', done: true };
const aLeads = [
  leaderOf('a', 5),
  followerOf('a', 'b', { term: 5 }),
  followerOf('a', 'c', { term: 5 }),
] as const;
const bLeads = [leaderOf('b', 6), followerOf('b', 'c', { term: 6 })] as const;

/** How a request ended, to be looked at without waiting for it. */
interface Ending {
  reply: Reply | null;
  error: unknown;
}

function follow(request: Promise<Reply>): Ending {
  const ending: Ending = { reply: null, error: null };
  request.then(
    (reply) => (ending.reply = reply),
    (error: unknown) => (ending.error = error),
  );
  return ending;
}

const write = ({ fn = 'employees.write', forMs = 5_000 } = {}): Ending =>
  follow(cluster.replicaSet.write(fn, ['arguments'], { deadlineAt: systemClock.now() + forMs }));

const read = ({
  target = { kind: 'leader' },
  forMs = 5_000,
}: { target?: ReadTarget; forMs?: number } = {}): Ending =>
  follow(cluster.replicaSet.read('employees.get', [], { target, deadlineAt: systemClock.now() + forMs }));

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
/** A deadline is acted upon after a last look at the sockets: with fake timers that takes a millisecond. */
const lastLookMs = 1;

/** Answers every request on a node; returns the functions called there, in order. */
function answering(name: string, reply: Reply = done): string[] {
  const called: string[] = [];
  cluster.node(name).onCall = (call) => {
    called.push(call.fn);
    call.answer(reply);
  };
  return called;
}

/** Fails every request on a node; returns when it was called, in ms from now. */
function failing(name: string, code: NodeErrorCode, times = Infinity): number[] {
  const start = systemClock.now();
  const calledAt: number[] = [];
  cluster.node(name).onCall = (call) => {
    calledAt.push(Math.round(systemClock.now() - start));
    if (calledAt.length <= times) call.fail(code);
    else call.answer(done);
  };
  return calledAt;
}

describe('a request for the leader', () => {
  it('is sent to the leader, with its arguments and its deadline', async () => {
    await cluster.start(...aLeads);
    const deadlineAt = systemClock.now() + 777;
    const ending = follow(cluster.replicaSet.write('employees.write', [{ id: 1 }], { deadlineAt }));
    await pass(0);
    const [call] = cluster.node('a').calls;
    expect(call).toMatchObject({ fn: 'employees.write', args: [{ id: 1 }], deadlineAt });
    call?.answer(done);
    await pass(0);
    expect(ending.reply).toBe(done);
  });

  it('resolves with a rejection by the data, which is final', async () => {
    await cluster.start(...aLeads);
    const rejected: Reply = { status: 'rejected', code: 'EMPLOYEE_EXISTS' };
    const called = answering('a', rejected);
    const ending = write();
    await pass(100);
    expect([ending.reply, called.length]).toEqual([rejected, 1]);
  });

  it('waits for the first leader, also when no request was there to notice', async () => {
    await cluster.start(followerOf('a', 'b'), followerOf('a', 'c'));
    const called = answering('a');
    const ending = write();
    await pass(2_000);
    expect(called).toEqual([]);
    await cluster.say(...aLeads);
    expect(ending.reply).toBe(done);
  });

  it('is sent in the order in which it came when a leader is found', async () => {
    await cluster.start(followerOf('a', 'b'));
    const called = answering('a');
    for (const fn of ['1', '2', '3']) write({ fn });
    await cluster.say(...aLeads);
    expect(called).toEqual(['1', '2', '3']);
  });

  it('fails at its deadline when nobody leads, and says term, last leader and how long it waited', async () => {
    await cluster.start(...aLeads);
    cluster.kill('a');
    await pass(100);
    const ending = write({ forMs: 5_000 });
    await pass(4_999);
    expect(ending.error).toBeNull();
    await pass(1 + lastLookMs);
    expect(ending.error).toBeInstanceOf(ClusterUnavailableError);
    expect(ending.error).toMatchObject({
      message: 'No leader within 5000 ms (term 5, last leader a)',
      term: 5,
      lastLeader: 'a',
      waitedMs: 5_000 + lastLookMs,
    });
  });

  it('says so when no leader was ever seen, and when two claim to be it', async () => {
    await cluster.start(statusOf('b'));
    const first = read({ forMs: 300 });
    await pass(300 + lastLookMs);
    expect(first.error).toMatchObject({
      message: 'No leader within 300 ms (term 0, no leader seen yet)',
      lastLeader: null,
    });
    await cluster.say(leaderOf('a', 5), leaderOf('b', 5));
    const second = read({ forMs: 300 });
    await pass(300 + lastLookMs);
    expect(second.error).toMatchObject({
      message: 'No leader within 300 ms: two nodes claim to be it (term 5, last leader a)',
    });
  });

  it('is not sent when its deadline has passed', async () => {
    await cluster.start(...aLeads);
    const called = answering('a');
    const ending = write({ forMs: 0 });
    await pass(0);
    expect(ending.error).toBeInstanceOf(ClusterUnavailableError);
    expect(called).toEqual([]);
  });

  it('has one deadline for all attempts', async () => {
    await cluster.start(...aLeads);
    const deadlines = new Set<number>();
    cluster.node('a').onCall = (call) => {
      deadlines.add(call.deadlineAt);
      call.fail('TRY_AGAIN');
    };
    const ending = write({ forMs: 3_000 });
    await pass(3_000);
    expect(ending.error).toMatchObject({
      message: 'No answer within 3000 ms (term 5, last leader a)',
      waitedMs: 3_000,
    });
    expect(ending.error).toHaveProperty('cause', expect.any(NodeError));
    expect(deadlines.size).toBe(1);
  });

  it('takes a refusal for the end of that leadership at once, before any poll', async () => {
    await cluster.start(...aLeads);
    cluster.freeze('a');
    const ending = write();
    await pass(0);
    cluster.node('a').calls[0]?.fail('READ_ONLY');
    await pass(0);
    expect(cluster.replicaSet.view).toMatchObject({ leader: null, state: 'electing' });
    const called = answering('b');
    await cluster.say(...bLeads);
    expect([ending.reply, called.length]).toEqual([done, 1]);
  });

  it('does not ask a leader too often that claims to be writable and refuses', async () => {
    await cluster.start(...aLeads);
    const refusedAt = failing('a', 'READ_ONLY');
    const endings = Array.from({ length: 20 }, () => write({ forMs: 3_000 }));
    await pass(3_000 + lastLookMs);
    // Each of the twenty asks it a few times: first at once, then whenever it is trusted again.
    expect(refusedAt.length / endings.length).toBeLessThan(10);
    expect(cluster.replicaSet.history.length).toBeLessThan(20);
    for (const { error } of endings) expect(error).toBeInstanceOf(ClusterUnavailableError);
  });

  it.each(['TRY_AGAIN', 'NOT_READY', 'NOT_CONNECTED', 'ACCESS_DENIED'] as const)(
    'is repeated with growing pauses while the leader answers %s',
    async (code) => {
      await cluster.start(...aLeads);
      const calledAt = failing('a', code, 7);
      const ending = write();
      await pass(1_000);
      expect(calledAt).toEqual([0, 0, 1, 3, 7, 15, 31, 63]);
      expect(ending.reply).toBe(done);
    },
  );

  it('is told that the clocks disagree when a node refuses it as late and it is not', async () => {
    await cluster.start(...aLeads);
    failing('a', 'DEADLINE_PASSED');
    const ending = write({ forMs: 5_000 });
    await pass(0);
    expect(ending.error).toBeInstanceOf(ClusterUnavailableError);
    expect(ending.error).toMatchObject({
      message:
        "a took the deadline for passed 5000 ms too early: its clock is ahead of this gateway's (term 5, last leader a)",
      waitedMs: 0,
    });
  });

  it('hears of a defect that does not pass', async () => {
    await cluster.start(...aLeads);
    const calledAt = failing('a', 'NODE_FAILURE');
    const ending = write();
    await pass(1_000);
    expect(calledAt).toHaveLength(5);
    expect(ending.error).toMatchObject({ name: 'NodeError', code: 'NODE_FAILURE', node: 'a' });
  });

  it('has the node polled at once when its call fails, and a time-out alone deposes nobody', async () => {
    cluster = new FakeCluster({ pollIntervalMs: 1_000 });
    await cluster.start(...aLeads);
    const ending = read();
    await pass(500);
    cluster.freeze('a');
    expect(cluster.polls('a').calls).toHaveLength(0);
    cluster.node('a').calls[0]?.fail('TIMEOUT', 'unknown');
    await pass(0);
    expect(ending.error).toBeInstanceOf(ClusterUnavailableError);
    expect(cluster.polls('a').calls).toHaveLength(1);
    expect(cluster.replicaSet.view.leader).toBe('a');
  });
});

describe('a write without an answer', () => {
  it('is repeated on the next leader when the connection was lost', async () => {
    await cluster.start(...aLeads);
    const ending = write();
    await pass(0);
    const sent = cluster.node('a').calls[0]?.args;
    const again: unknown[] = [];
    cluster.node('b').onCall = (call) => {
      again.push(call.args);
      call.answer(done);
    };
    cluster.kill('a');
    await cluster.say(...bLeads);
    expect(ending.reply).toBe(done);
    expect(again).toEqual([sent]);
  });

  it('is repeated on the same leader when only the connection was lost', async () => {
    await cluster.start(...aLeads);
    const ending = write();
    await pass(0);
    cluster.node('a').disconnect();
    await pass(5);
    expect(ending).toEqual({ reply: null, error: null });
    answering('a');
    cluster.node('a').connect();
    await pass(50);
    expect(ending.reply).toBe(done);
  });

  it.each(['QUORUM_UNCONFIRMED', 'CONNECTION_LOST', 'NODE_FAILURE', 'BAD_REPLY'] as const)(
    'is repeated when it met %s and may have been applied',
    async (code) => {
      await cluster.start(...aLeads);
      const ending = write();
      await pass(0);
      cluster.node('a').calls[0]?.fail(code, 'unknown');
      await pass(0);
      cluster.node('a').calls[0]?.answer(done);
      await pass(0);
      expect(ending.reply).toBe(done);
    },
  );

  it('S39: stays in doubt when nobody leads afterwards: the unknown outcome wins over the missing leader', async () => {
    await cluster.start(...aLeads);
    const ending = write({ forMs: 500 });
    await pass(0);
    cluster.kill('a');
    await pass(500 + lastLookMs);
    expect(ending.error).toBeInstanceOf(OutcomeUnknownError);
    expect(ending.error).toMatchObject({
      message: 'a did not say whether the write took effect',
      node: 'a',
      cause: expect.objectContaining({ message: 'No leader within 500 ms (term 5, last leader a)' }),
    });
  });

  it('stays in doubt when a later attempt meets a defect', async () => {
    await cluster.start(...aLeads);
    const ending = write();
    await pass(0);
    cluster.node('a').calls[0]?.fail('CONNECTION_LOST', 'unknown');
    failing('a', 'NODE_FAILURE');
    await pass(1_000);
    expect(ending.error).toBeInstanceOf(OutcomeUnknownError);
  });

  it('is in doubt no more once a node has answered', async () => {
    await cluster.start(...aLeads);
    const ending = write();
    await pass(0);
    cluster.node('a').calls[0]?.fail('CONNECTION_LOST', 'unknown');
    const rejected: Reply = { status: 'rejected', code: 'EMPLOYEE_EXISTS' };
    answering('a', rejected);
    await pass(0);
    expect(ending.reply).toBe(rejected);
  });

  it('S20: has an unknown outcome at its deadline, and the leader stays the leader', async () => {
    await cluster.start(...aLeads);
    const ending = write({ forMs: 500 });
    await pass(500 + lastLookMs);
    expect(ending.error).toBeInstanceOf(OutcomeUnknownError);
    expect(cluster.replicaSet.view.leader).toBe('a');
  });

  it('leaves a frozen leader that is given up, and comes back to it when it leads on', async () => {
    await cluster.start(...aLeads);
    const ending = write();
    await pass(0);
    cluster.freeze('a');
    await pass(2_000);
    expect(cluster.replicaSet.view.leader).toBeNull();
    // A connection over which nothing has come for so long is not trusted with anything new.
    expect(cluster.node('a').asked).toContain('renew');
    expect(ending).toEqual({ reply: null, error: null });
    answering('a');
    cluster.node('a').connect();
    await cluster.say(...aLeads);
    expect(ending.reply).toBe(done);
  });

  it('leaves a frozen leader as soon as another leads, and ignores what the frozen one says later', async () => {
    await cluster.start(...aLeads);
    const ending = write();
    await pass(0);
    cluster.freeze('a');
    const [zombie] = cluster.node('a').calls;
    await cluster.say(...bLeads);
    expect(cluster.node('b').calls).toHaveLength(1);
    zombie?.answer({ status: 'ok', stale: true });
    await pass(0);
    expect(ending.reply).toBeNull();
    cluster.node('b').calls[0]?.answer(done);
    await pass(0);
    expect(ending.reply).toBe(done);
  });

  it('waits on when its own leader is elected again', async () => {
    await cluster.start(...aLeads);
    const ending = write();
    await pass(0);
    await cluster.say(leaderOf('a', 6));
    await pass(1_000);
    expect(cluster.replicaSet.view).toMatchObject({ leader: 'a', term: 6 });
    expect(ending).toEqual({ reply: null, error: null });
    cluster.node('a').calls[0]?.answer(done);
    await pass(0);
    expect(ending.reply).toBe(done);
  });
});

describe('requests that come back from a lost leader', () => {
  it('meet the next one a few at a time, with those that waited, and all get an answer', async () => {
    await cluster.start(...aLeads);
    const sent = Array.from({ length: 60 }, () => write());
    await pass(0);
    cluster.kill('a');
    const waiting = Array.from({ length: 40 }, () => write());
    await cluster.say(...bLeads);
    expect(cluster.node('b').calls).toHaveLength(8);
    let most = 0;
    while (cluster.node('b').calls.length > 0) {
      most = Math.max(most, cluster.node('b').calls.length);
      for (const call of cluster.node('b').calls.slice()) call.answer(done);
      await pass(0);
    }
    expect(most).toBeLessThan(100);
    for (const { reply } of [...sent, ...waiting]) expect(reply).toBe(done);
    const { requests, buffer } = cluster.replicaSet.counts;
    expect(requests).toMatchObject({ accepted: 100, completed: 100, underWay: 0 });
    expect(buffer).toMatchObject({ buffered: 100, drained: 100, waiting: 0 });
  });

  it('are not refused when the buffer is full: they have their place', async () => {
    cluster = new FakeCluster({ maxWaitingRequests: 2 });
    await cluster.start(...aLeads);
    const sent = Array.from({ length: 10 }, () => write());
    await pass(0);
    cluster.kill('a');
    await pass(0);
    const late = write();
    await pass(0);
    expect(late.error).toBeInstanceOf(OverloadedError);
    answering('b');
    await cluster.say(...bLeads);
    for (const { reply } of sent) expect(reply).toBe(done);
    expect(cluster.replicaSet.counts.requests).toMatchObject({ accepted: 10, completed: 10, refused: 1 });
  });
});

describe('a request whose client has gone away', () => {
  it('gives up its place, and is not sent any more', async () => {
    cluster = new FakeCluster({ maxWaitingRequests: 1 });
    await cluster.start(followerOf('a', 'b'));
    const client = new AbortController();
    const deadlineAt = systemClock.now() + 5_000;
    const gone = follow(cluster.replicaSet.write('gone', [], { deadlineAt, signal: client.signal }));
    await pass(0);
    client.abort();
    const next = write();
    const called = answering('a');
    await cluster.say(...aLeads);
    expect(gone.error).toBeInstanceOf(CancelledError);
    expect(next.reply).toBe(done);
    expect(called).toEqual(['employees.write']);
    expect(cluster.replicaSet.counts.requests).toMatchObject({ accepted: 2, completed: 1, cancelled: 1 });
  });

  it('is not repeated, and nobody is told that it was not applied', async () => {
    await cluster.start(...aLeads);
    const client = new AbortController();
    const deadlineAt = systemClock.now() + 5_000;
    const gone = follow(cluster.replicaSet.write('gone', [], { deadlineAt, signal: client.signal }));
    await pass(0);
    client.abort();
    const called = answering('b');
    cluster.kill('a');
    await cluster.say(...bLeads);
    expect(gone.error).toBeInstanceOf(OutcomeUnknownError);
    expect(called).toEqual([]);
  });
});

describe('a read without an answer', () => {
  it('is repeated on the next leader when the connection was lost', async () => {
    await cluster.start(...aLeads);
    const ending = read();
    await pass(0);
    const called = answering('b');
    cluster.kill('a');
    await cluster.say(...bLeads);
    expect([ending.reply, called.length]).toEqual([done, 1]);
  });

  it('leaves a frozen leader as soon as another leads, and ignores what the frozen one says later', async () => {
    await cluster.start(...aLeads);
    const ending = read();
    await pass(0);
    cluster.freeze('a');
    const [zombie] = cluster.node('a').calls;
    await cluster.say(...bLeads);
    expect(cluster.node('b').calls).toHaveLength(1);
    zombie?.answer({ status: 'ok', stale: true });
    await pass(0);
    expect(ending.reply).toBeNull();
    cluster.node('b').calls[0]?.answer(done);
    await pass(0);
    expect(ending.reply).toBe(done);
  });

  it('fails at its deadline', async () => {
    await cluster.start(...aLeads);
    const ending = read({ forMs: 400 });
    await pass(400);
    expect(ending.error).toMatchObject({ message: 'No answer within 400 ms (term 5, last leader a)' });
  });
});

describe('who answered a read', () => {
  it('is told once: the node that answered in the end', async () => {
    await cluster.start(...aLeads);
    const answeredBy: string[] = [];
    const onAnsweredBy = (node: string) => answeredBy.push(node);
    const target: ReadTarget = { kind: 'leader' };
    const deadlineAt = systemClock.now() + 5_000;
    const ending = follow(cluster.replicaSet.read('employees.get', [], { target, deadlineAt, onAnsweredBy }));
    await pass(0);
    answering('b');
    cluster.kill('a');
    await cluster.say(...bLeads);
    expect([ending.reply, answeredBy]).toEqual([done, ['b']]);
  });
});

describe('a read of a replica', () => {
  const target: ReadTarget = { kind: 'replica' };

  it('goes to the healthy followers in turn', async () => {
    await cluster.start(...aLeads);
    const [onB, onC] = [answering('b'), answering('c')];
    for (let i = 0; i < 6; i += 1) read({ target });
    await pass(0);
    expect([onB.length, onC.length]).toEqual([3, 3]);
  });

  it('goes to the leader when there is no healthy follower, and waits for either', async () => {
    await cluster.start();
    const ending = read({ target });
    await pass(50);
    const called = answering('a');
    await cluster.say(leaderOf('a', 5));
    expect([ending.reply, called.length]).toEqual([done, 1]);
  });

  it('is repeated on another follower when the first fails it', async () => {
    await cluster.start(...aLeads);
    failing('b', 'NOT_READY');
    failing('c', 'NOT_READY', 0);
    const endings = [read({ target }), read({ target })];
    await pass(10);
    expect(endings.map(({ reply }) => reply)).toEqual([done, done]);
  });

  it('leaves a frozen follower when that has become unreachable', async () => {
    await cluster.start(...aLeads);
    cluster.freeze('b');
    const [first, second] = [read({ target }), read({ target })];
    answering('c');
    await pass(0);
    cluster.node('c').calls[0]?.answer(done);
    await pass(1_200);
    expect([first.reply, second.reply]).toEqual([done, done]);
  });
});

describe('a read of a named node', () => {
  it('goes to that node, whatever its role', async () => {
    await cluster.start(...aLeads);
    const called = answering('c');
    const ending = read({ target: { kind: 'node', name: 'c' } });
    await pass(0);
    expect([ending.reply, called.length]).toEqual([done, 1]);
  });

  it('is refused when no node has the name', async () => {
    await cluster.start(...aLeads);
    const ending = read({ target: { kind: 'node', name: 'z' } });
    await pass(0);
    expect(ending.error).toBeInstanceOf(UnknownNodeError);
    expect(ending.error).toMatchObject({ node: 'z', knownNodes: ['a', 'b', 'c'] });
  });

  it('fails at once when the node is unreachable', async () => {
    await cluster.start(...aLeads);
    cluster.kill('c');
    const ending = read({ target: { kind: 'node', name: 'c' } });
    await pass(0);
    expect(ending.error).toBeInstanceOf(ClusterUnavailableError);
    expect(ending.error).toMatchObject({
      message: 'Node c is unreachable (term 5, last leader a)',
      waitedMs: 0,
    });
  });

  it('fails when the node dies before it answers', async () => {
    await cluster.start(...aLeads);
    const ending = read({ target: { kind: 'node', name: 'c' } });
    await pass(10);
    cluster.kill('c');
    await pass(10);
    expect(ending.error).toBeInstanceOf(ClusterUnavailableError);
  });

  it('waits for the first word of a node that has not been heard yet', async () => {
    await cluster.start();
    const called = answering('c');
    const ending = read({ target: { kind: 'node', name: 'c' } });
    await pass(20);
    expect(called).toEqual([]);
    await cluster.say(followerOf('a', 'c'));
    expect(ending.reply).toBe(done);
  });

  it('stays with a frozen node that once led when another leads', async () => {
    await cluster.start(...aLeads);
    const ending = read({ target: { kind: 'node', name: 'a' } });
    await pass(0);
    await cluster.say(...bLeads);
    await pass(100);
    cluster.node('a').calls[0]?.answer(done);
    await pass(0);
    expect(ending.reply).toBe(done);
  });
});

describe('the bounds', () => {
  it('refuses requests when as many wait as may, and nobody who waits suffers', async () => {
    cluster = new FakeCluster({ maxWaitingRequests: 2 });
    await cluster.start(followerOf('a', 'b'));
    const endings = [write(), read(), write(), read()];
    await pass(0);
    expect(endings.map(({ error }) => error instanceof OverloadedError)).toEqual([false, false, true, true]);
    answering('a');
    await cluster.say(...aLeads);
    expect(endings.map(({ reply }) => reply)).toEqual([done, done, null, null]);
  });

  it('rejects who waits and who comes later when it stops; what was sent has an unknown outcome', async () => {
    await cluster.start(...aLeads);
    const [sentWrite, sentRead] = [write(), read()];
    await pass(0);
    cluster.freeze('a');
    await pass(1_200);
    const waiting = write();
    await pass(0);
    const stopped = cluster.replicaSet.stop();
    expect(cluster.replicaSet.stop()).toBe(stopped);
    await stopped;
    const late = read();
    await pass(0);
    expect(sentWrite.error).toBeInstanceOf(OutcomeUnknownError);
    for (const { error } of [sentRead, waiting, late]) expect(error).toBeInstanceOf(StoppingError);
  });

  it('sends nothing any more when it has stopped, though somebody led', async () => {
    await cluster.start(...aLeads);
    await cluster.replicaSet.stop();
    const ending = write();
    await pass(0);
    expect(ending.error).toBeInstanceOf(StoppingError);
    expect(cluster.node('a').asked).not.toContain('call');
  });
});
