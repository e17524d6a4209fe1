import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { Monitor } from '../../../src/replicaset/monitor.js';
import { ReplicaSetTracker } from '../../../src/replicaset/tracker.js';
import type { NodeStatus } from '../../../src/tarantool/node-status.js';
import { FakeConnection, statusReply } from './fake-node.js';
import { MemoryLog } from './memory-log.js';
import { describeView, followerOf, leaderOf } from './notation.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Three nodes, polled every 100 ms; a silent one is given up after a second. */
function monitorThree({ intervalMs = 100 } = {}) {
  const names = ['a', 'b', 'c'];
  const tracker = new ReplicaSetTracker({
    nodes: names.map((name) => ({ name, uri: name })),
    clock: systemClock,
    log: new MemoryLog(),
  });
  const connections = new Map<string, FakeConnection>();
  const monitor = new Monitor({
    nodes: names.map((name) => ({
      name,
      connect: (onPhase) => {
        const connection = new FakeConnection({ name, onPhase });
        connections.set(name, connection);
        return connection;
      },
    })),
    clock: systemClock,
    tracker,
    intervalMs: () => intervalMs,
    timeoutMs: 1_000,
  });
  const node = (name: string): FakeConnection => {
    const connection = connections.get(name);
    if (connection === undefined) throw new Error(`No node ${name}`);
    return connection;
  };
  return { tracker, monitor, node };
}

/** Has a node answer every poll with a status; returns when it was asked, in ms from now. */
function answering(connection: FakeConnection, status: NodeStatus): number[] {
  const askedAt: number[] = [];
  const start = systemClock.now();
  connection.onCall = (call) => {
    askedAt.push(Math.round(systemClock.now() - start));
    call.answer(statusReply(status));
  };
  return askedAt;
}

describe('the monitor', () => {
  it('connects to every node when it is started, and not before', () => {
    const { monitor, node } = monitorThree();
    expect(['a', 'b', 'c'].map((name) => node(name).asked)).toEqual([[], [], []]);
    monitor.start();
    expect(['a', 'b', 'c'].map((name) => node(name).asked)).toEqual([['start'], ['start'], ['start']]);
  });

  it('asks a node for its status as soon as the connection is made, then at its interval', async () => {
    const { monitor, node, tracker } = monitorThree();
    monitor.start();
    const askedAt = answering(node('a'), leaderOf('a', 5));
    node('a').connect();
    await vi.advanceTimersByTimeAsync(350);
    expect(askedAt).toEqual([0, 100, 200, 300]);
    expect(describeView(tracker.view)).toBe('led a t5');
  });

  it('polls all nodes at the same moments, whenever they were connected', async () => {
    const { monitor, node } = monitorThree();
    monitor.start();
    const askedAt = [];
    for (const name of ['a', 'b', 'c']) {
      askedAt.push(answering(node(name), name === 'a' ? leaderOf('a', 5) : followerOf('a', name)));
      node(name).connect();
      await vi.advanceTimersByTimeAsync(30);
    }
    await vi.advanceTimersByTimeAsync(250);
    const moments = [100, 200, 300];
    expect(askedAt.map((times, index) => times.map((time) => time + index * 30))).toEqual([
      [0, ...moments],
      [30, ...moments],
      [60, ...moments],
    ]);
  });

  it('polls as fast as it may while nobody leads', async () => {
    const { monitor, node } = monitorThree();
    monitor.start();
    const askedAt = answering(node('b'), followerOf('a', 'b'));
    node('b').connect();
    await vi.advanceTimersByTimeAsync(45);
    expect(askedAt).toEqual([0, 10, 20, 30, 40]);
  });

  it('never asks a node again before it has answered', async () => {
    const { monitor, node } = monitorThree();
    monitor.start();
    node('a').connect();
    for (let i = 0; i < 20; i += 1) {
      await vi.advanceTimersByTimeAsync(30);
      monitor.wake('a');
      expect(node('a').calls).toHaveLength(1);
    }
  });

  it('asks again at once when it was woken while an answer was under way', async () => {
    const { monitor, node } = monitorThree();
    monitor.start();
    node('a').connect();
    await vi.advanceTimersByTimeAsync(50);
    monitor.wake('a');
    node('a').calls[0]?.answer(statusReply(leaderOf('a', 5)));
    await vi.advanceTimersByTimeAsync(1);
    expect(node('a').calls).toHaveLength(1);
  });

  it('polls a node at once when it is woken, and many wake-ups as one', async () => {
    const { monitor, node } = monitorThree();
    monitor.start();
    const askedAt = answering(node('a'), leaderOf('a', 5));
    node('a').connect();
    await vi.advanceTimersByTimeAsync(50);
    for (let i = 0; i < 10; i += 1) monitor.wake('a');
    await vi.advanceTimersByTimeAsync(5);
    for (let i = 0; i < 10; i += 1) monitor.wake('a');
    await vi.advanceTimersByTimeAsync(120);
    expect(askedAt).toEqual([0, 50, 60, 100]);
  });

  it('does not let a frozen node delay the news of another', async () => {
    const { monitor, node, tracker } = monitorThree();
    monitor.start();
    for (const name of ['a', 'b', 'c']) node(name).connect();
    node('a').calls[0]?.answer(statusReply(leaderOf('a', 5)));
    node('b').calls[0]?.answer(statusReply(followerOf('a', 'b', { term: 5 })));
    await vi.advanceTimersByTimeAsync(150);
    // a and c freeze; b is elected.
    answering(node('b'), leaderOf('b', 6));
    node('b').calls[0]?.answer(statusReply(leaderOf('b', 6)));
    await vi.advanceTimersByTimeAsync(1);
    expect(describeView(tracker.view)).toBe('led b t6');
  });

  it('gives up a leader that stays silent for a whole poll timeout, though its connection stands', async () => {
    const { monitor, node, tracker } = monitorThree();
    monitor.start();
    const askedAt = answering(node('a'), leaderOf('a', 5));
    node('a').connect();
    await vi.advanceTimersByTimeAsync(50);
    node('a').onCall = null;
    await vi.advanceTimersByTimeAsync(1_040);
    expect(describeView(tracker.view)).toBe('led a t5');
    await vi.advanceTimersByTimeAsync(20);
    expect(describeView(tracker.view)).toBe('no-quorum t5');
    expect(tracker.view.nodes[0]).toMatchObject({ reach: 'unreachable', problem: 'a: TIMEOUT' });
    expect(askedAt).toEqual([0]);
  });

  it('takes a broken connection for a loss at once, without a poll', async () => {
    const { monitor, node, tracker } = monitorThree();
    monitor.start();
    answering(node('a'), leaderOf('a', 5));
    node('a').connect();
    await vi.advanceTimersByTimeAsync(20);
    node('a').disconnect();
    expect(describeView(tracker.view)).toBe('no-quorum t5');
    await vi.advanceTimersByTimeAsync(500);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('forgets the poll that was under way when the connection broke', async () => {
    const { monitor, node, tracker } = monitorThree();
    monitor.start();
    node('a').connect();
    node('a').disconnect();
    const { revision } = tracker;
    await vi.advanceTimersByTimeAsync(50);
    expect(tracker.revision).toBe(revision);
    answering(node('a'), leaderOf('a', 6));
    node('a').connect();
    await vi.advanceTimersByTimeAsync(0);
    expect(describeView(tracker.view)).toBe('led a t6');
  });

  it.each([
    ['an answer it cannot read', { status: 'ok', term: 'five' } as const, /Not a node status/],
    ['the status of another node', statusReply(leaderOf('b', 5)), /the node there is b/],
  ])('takes a node with %s for unreachable', async (_, reply, problem) => {
    const { monitor, node, tracker } = monitorThree();
    monitor.start();
    node('a').connect();
    node('a').calls[0]?.answer(reply);
    await vi.advanceTimersByTimeAsync(0);
    expect(tracker.view.nodes[0]?.reach).toBe('unreachable');
    expect(tracker.view.nodes[0]?.problem).toMatch(problem);
  });

  it('goes on polling a node that is not ready until it is', async () => {
    const { monitor, node, tracker } = monitorThree();
    monitor.start();
    node('a').onCall = (call) => call.fail('NOT_READY');
    node('a').connect();
    await vi.advanceTimersByTimeAsync(35);
    expect(tracker.view.nodes[0]).toMatchObject({ reach: 'unreachable', problem: 'a: NOT_READY' });
    answering(node('a'), leaderOf('a', 5));
    await vi.advanceTimersByTimeAsync(10);
    expect(describeView(tracker.view)).toBe('led a t5');
  });

  it('stops for good: no timer, no poll, no news', async () => {
    const { monitor, node, tracker } = monitorThree();
    monitor.start();
    answering(node('a'), leaderOf('a', 5));
    node('a').connect();
    node('b').connect();
    await vi.advanceTimersByTimeAsync(20);
    const { revision } = tracker;
    monitor.stop();
    monitor.wake('a');
    node('a').connect();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tracker.revision).toBe(revision);
    expect(vi.getTimerCount()).toBe(0);
    expect(node('b').asked).toEqual(['start', 'stop']);
  });
});
