import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { OverloadedError, StoppingError } from '../../../src/replicaset/errors.js';
import { Waiters } from '../../../src/replicaset/waiters.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A queue for something that is there or not, and the ends of its waiters in order. */
function queueFor({ limit = 10 } = {}) {
  const waiters = new Waiters({ clock: systemClock, limit });
  const leader = { there: false };
  const ends: string[] = [];
  const enter = async (name: string, { forMs = 1_000, pauseMs = 0 } = {}): Promise<void> => {
    const now = systemClock.now();
    const wait = { ready: () => leader.there, deadlineAt: now + forMs, notBefore: now + pauseMs };
    try {
      ends.push(`${name} ${await waiters.wait(wait)}`);
    } catch (error) {
      ends.push(`${name} ${error instanceof Error ? error.name : 'failed'}`);
    }
  };
  const elect = (): void => {
    leader.there = true;
    waiters.wake();
  };
  return { waiters, leader, ends, enter, elect };
}

describe('the queue of requests that wait', () => {
  it('releases all who are ready, first in, first out', async () => {
    const { enter, elect, ends, waiters } = queueFor();
    for (const name of ['a', 'b', 'c']) void enter(name);
    await vi.advanceTimersByTimeAsync(500);
    expect(ends).toEqual([]);
    elect();
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toEqual(['a released', 'b released', 'c released']);
    expect(waiters.counts).toMatchObject({ entered: 3, waiting: 0, released: 3 });
  });

  it('looks at a waiter when it enters, so that news from just before is not missed', async () => {
    const { enter, leader, ends } = queueFor();
    leader.there = true;
    await enter('a');
    expect(ends).toEqual(['a released']);
  });

  it('lets each wait until its own deadline, with one timer for all', async () => {
    const { enter, ends } = queueFor();
    void enter('long', { forMs: 300 });
    void enter('short', { forMs: 100 });
    void enter('middle', { forMs: 200 });
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(99);
    expect(ends).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends).toEqual(['short expired']);
    await vi.advanceTimersByTimeAsync(200);
    expect(ends).toEqual(['short expired', 'middle expired', 'long expired']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not keep anybody whose deadline has passed already', async () => {
    const { enter, leader, ends } = queueFor();
    leader.there = true;
    await enter('late', { forMs: 0 });
    expect(ends).toEqual(['late expired']);
  });

  it('releases nobody before the pause of a failed attempt is over, ready or not', async () => {
    const { enter, elect, ends } = queueFor();
    elect();
    void enter('a', { pauseMs: 50 });
    elect();
    await vi.advanceTimersByTimeAsync(49);
    expect(ends).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends).toEqual(['a released']);
  });

  it('keeps waiting after a pause when there is nobody', async () => {
    const { enter, elect, ends } = queueFor();
    void enter('a', { pauseMs: 50 });
    await vi.advanceTimersByTimeAsync(60);
    expect(ends).toEqual([]);
    elect();
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toEqual(['a released']);
  });

  it('ends a pause that is longer than the time left at the deadline', async () => {
    const { enter, elect, ends } = queueFor();
    elect();
    void enter('a', { pauseMs: 50, forMs: 20 });
    await vi.advanceTimersByTimeAsync(20);
    expect(ends).toEqual(['a expired']);
  });

  it('refuses whoever finds it full, and has room again when somebody leaves', async () => {
    const { enter, ends, waiters } = queueFor({ limit: 2 });
    void enter('a', { forMs: 10 });
    void enter('b');
    await enter('c');
    expect(ends).toEqual(['c OverloadedError']);
    await vi.advanceTimersByTimeAsync(10);
    void enter('d');
    expect(waiters.counts).toEqual({
      entered: 4,
      waiting: 2,
      released: 0,
      expired: 1,
      refused: 1,
      aborted: 0,
    });
  });

  it('rejects everybody when it stops, later ones too, and leaves no timer', async () => {
    const { enter, elect, ends, waiters } = queueFor();
    void enter('a');
    void enter('b');
    waiters.stop();
    await enter('c');
    elect();
    waiters.stop();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ends).toEqual(['a StoppingError', 'b StoppingError', 'c StoppingError']);
    expect(waiters.counts).toMatchObject({ entered: 3, waiting: 0, aborted: 3 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects with errors that the layers above tell apart', async () => {
    const waiters = new Waiters({ clock: systemClock, limit: 0 });
    const wait = { ready: () => false, deadlineAt: systemClock.now() + 10, notBefore: 0 };
    await expect(waiters.wait(wait)).rejects.toThrow(OverloadedError);
    waiters.stop();
    await expect(waiters.wait(wait)).rejects.toThrow(StoppingError);
  });
});
