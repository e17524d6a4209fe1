import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { OverloadedError, StoppingError } from '../../../src/replicaset/errors.js';
import type { ReadTarget } from '../../../src/replicaset/replica-set.js';
import { RequestBuffer, firstWindow, type BufferedRequest } from '../../../src/replicaset/request-buffer.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const leader: ReadTarget = { kind: 'leader' };
const replica: ReadTarget = { kind: 'replica' };

/** A buffer before a replica set that a test plays, and the ends of its waits in order. */
function bufferFor({ maxRequests = 1_000, maxBytes = 100_000 } = {}) {
  const serving: Record<string, string | null> = { leader: null, replica: null };
  const whoServes = ({ kind }: ReadTarget): string | null => serving[kind] ?? null;
  const buffer = new RequestBuffer({ clock: systemClock, maxRequests, maxBytes, whoServes });
  const ends: string[] = [];
  const underWay = new Map<string, () => void>();

  const enter = async (
    name: string,
    { forMs = 1_000, ...given }: Partial<Omit<BufferedRequest, 'deadlineAt'>> & { forMs?: number } = {},
  ): Promise<void> => {
    const deadlineAt = systemClock.now() + forMs;
    const request = {
      target: leader,
      bytes: 10,
      standing: 'new',
      signal: null,
      deadlineAt,
      ...given,
    } as const;
    try {
      const departure = await buffer.wait(request);
      if (departure.kind === 'released') underWay.set(name, departure.answered);
      ends.push(`${name} ${departure.kind}`);
    } catch (error) {
      ends.push(`${name} ${error instanceof Error ? error.name : 'failed'}`);
    }
  };
  const enterMany = (count: number, first = 0): void => {
    for (let index = first; index < first + count; index += 1) void enter(String(index));
  };
  const serve = (kind: 'leader' | 'replica', server: string | null): void => {
    serving[kind] = server;
    buffer.wake();
  };
  /** Has the calls of those who were released answered, all at once. */
  const answerAll = async (): Promise<void> => {
    const calls = [...underWay.values()];
    underWay.clear();
    for (const answered of calls) answered();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { buffer, serving, serve, ends, enter, enterMany, underWay, answerAll };
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
/** A deadline is acted upon after a last look at the sockets: with fake timers that takes a millisecond. */
const lastLookMs = 1;

describe('a lane', () => {
  it('is idle, buffers while nobody serves, drains when somebody does, and is idle when all are answered', async () => {
    const { buffer, enterMany, serve, answerAll } = bufferFor();
    expect(buffer.stateOf(leader)).toBe('idle');
    enterMany(2);
    expect(buffer.stateOf(leader)).toBe('buffering');
    serve('leader', 'a in term 5');
    await settle();
    expect(buffer.stateOf(leader)).toBe('draining');
    await answerAll();
    expect(buffer.stateOf(leader)).toBe('idle');
  });

  it('releases first in, first out', async () => {
    const { enter, serve, ends } = bufferFor();
    for (const name of ['a', 'b', 'c']) void enter(name);
    await pass(500);
    expect(ends).toEqual([]);
    serve('leader', 'a in term 5');
    await settle();
    expect(ends).toEqual(['a released', 'b released', 'c released']);
  });

  it('looks at a request when it enters, so that news from just before is not missed', async () => {
    const { enter, serving, ends } = bufferFor();
    serving['leader'] = 'a in term 5';
    await enter('a');
    expect(ends).toEqual(['a released']);
  });

  it('is not held up by another', async () => {
    const { enter, serve, ends, buffer } = bufferFor();
    void enter('write');
    void enter('read', { target: replica });
    serve('replica', 'replica');
    await settle();
    expect(ends).toEqual(['read released']);
    expect([buffer.stateOf(leader), buffer.stateOf(replica)]).toEqual(['buffering', 'draining']);
  });
});

describe('a drain', () => {
  it('begins with few, and has twice as many under way after each round trip', async () => {
    const { enterMany, serve, underWay, answerAll, buffer } = bufferFor();
    enterMany(200);
    serve('leader', 'a in term 5');
    const rounds: number[] = [];
    while (buffer.counts.waiting > 0) {
      await settle();
      rounds.push(underWay.size);
      await answerAll();
    }
    expect(rounds).toEqual([8, 16, 32, 64]);
    expect(underWay.size).toBe(80);
  });

  it('puts who comes meanwhile behind those who waited', async () => {
    const { enter, enterMany, serve, ends, answerAll } = bufferFor();
    enterMany(firstWindow + 1);
    serve('leader', 'a in term 5');
    void enter('late');
    await settle();
    expect(ends).toHaveLength(firstWindow);
    await answerAll();
    expect(ends.slice(firstWindow)).toEqual([`${firstWindow} released`, 'late released']);
  });

  it('stops when nobody serves any more, with deadlines as they were, and begins anew with few', async () => {
    const { enterMany, enter, serve, underWay, answerAll, ends, buffer } = bufferFor();
    enterMany(50);
    void enter('short', { forMs: 100 });
    serve('leader', 'a in term 5');
    await settle();
    await answerAll();
    expect(underWay.size).toBe(16);
    serve('leader', null);
    expect(buffer.stateOf(leader)).toBe('buffering');
    // Answers to calls of the former drain release nobody.
    await answerAll();
    expect(underWay.size).toBe(0);
    await pass(100 + lastLookMs);
    expect(ends).toContain('short expired');
    serve('leader', 'b in term 6');
    await settle();
    expect(underWay.size).toBe(firstWindow);
  });

  it('begins anew for another leader, also when one follows the other at once', async () => {
    const { enterMany, serve, underWay } = bufferFor();
    enterMany(50);
    serve('leader', 'a in term 5');
    await settle();
    underWay.clear();
    serve('leader', 'b in term 6');
    await settle();
    expect(underWay.size).toBe(firstWindow);
  });

  it('holds back who returns when a whole crowd does', async () => {
    const { enter, serve, underWay } = bufferFor();
    serve('leader', 'b in term 6');
    for (let index = 0; index < 50; index += 1) void enter(String(index), { standing: 'returning' });
    await settle();
    expect(underWay.size).toBe(firstWindow);
  });
});

describe('a wait', () => {
  it('ends at its own deadline, with one timer for all', async () => {
    const { enter, ends } = bufferFor();
    void enter('long', { forMs: 300 });
    void enter('short', { forMs: 100 });
    void enter('middle', { forMs: 200 });
    expect(vi.getTimerCount()).toBe(1);
    await pass(99);
    expect(ends).toEqual([]);
    await pass(1 + lastLookMs);
    expect(ends).toEqual(['short expired']);
    await pass(200);
    expect(ends).toEqual(['short expired', 'middle expired', 'long expired']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin when its deadline has passed', async () => {
    const { enter, serving, ends } = bufferFor();
    serving['leader'] = 'a in term 5';
    await enter('late', { forMs: 0 });
    expect(ends).toEqual(['late expired']);
  });

  it('ends when the client goes away, and its place is free again', async () => {
    const { enter, ends, buffer } = bufferFor({ maxRequests: 1 });
    const client = new AbortController();
    void enter('a', { signal: client.signal });
    client.abort();
    await settle();
    expect(ends).toEqual(['a cancelled']);
    expect(buffer.counts).toMatchObject({ waiting: 0, waitingBytes: 0, cancelled: 1 });
    void enter('b');
    await enter('c', { signal: client.signal });
    expect(ends.slice(1)).toEqual(['c OverloadedError']);
  });

  it('does not begin when the client has gone away already, and listens to nobody afterwards', async () => {
    const { enter, serve, ends } = bufferFor();
    await enter('gone', { signal: AbortSignal.abort() });
    const client = new AbortController();
    const listening = vi.spyOn(client.signal, 'addEventListener');
    const unlistening = vi.spyOn(client.signal, 'removeEventListener');
    void enter('a', { signal: client.signal });
    serve('leader', 'a in term 5');
    await settle();
    expect(ends).toEqual(['gone cancelled', 'a released']);
    expect(unlistening.mock.calls).toEqual(listening.mock.calls);
  });
});

describe('the bounds', () => {
  it('refuse a new request at once when as many wait as may, and let it in when somebody leaves', async () => {
    const { enter, ends, buffer } = bufferFor({ maxRequests: 2 });
    void enter('a', { forMs: 10 });
    void enter('b');
    await enter('c');
    expect(ends).toEqual(['c OverloadedError']);
    await pass(10 + lastLookMs);
    void enter('d');
    expect(buffer.counts).toEqual({
      buffered: 3,
      waiting: 2,
      waitingBytes: 20,
      drained: 0,
      expired: 1,
      cancelled: 0,
      aborted: 0,
      refused: 1,
    });
  });

  it('refuse a new request that is too large for what is left', async () => {
    const { enter, ends } = bufferFor({ maxBytes: 100 });
    void enter('a', { bytes: 60 });
    await enter('b', { bytes: 41 });
    void enter('c', { bytes: 40 });
    await settle();
    expect(ends).toEqual(['b OverloadedError']);
  });

  it('never refuse one that was under way: it has its place', async () => {
    const { enter, ends, buffer } = bufferFor({ maxRequests: 1, maxBytes: 10 });
    void enter('a');
    void enter('b', { standing: 'returning' });
    await settle();
    expect(ends).toEqual([]);
    expect(buffer.counts.waiting).toBe(2);
  });

  it('reject everybody when it stops, later ones too, and leave no timer', async () => {
    const { enter, serve, ends, buffer } = bufferFor();
    void enter('a');
    void enter('b');
    buffer.stop();
    await enter('c');
    serve('leader', 'a in term 5');
    buffer.stop();
    await pass(2_000);
    expect(ends).toEqual(['a StoppingError', 'b StoppingError', 'c StoppingError']);
    expect(buffer.counts).toMatchObject({ buffered: 2, waiting: 0, aborted: 2 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are told by errors that the layers above tell apart', async () => {
    const { buffer } = bufferFor({ maxRequests: 0 });
    const deadlineAt = systemClock.now() + 10;
    const request = { target: leader, deadlineAt, bytes: 1, standing: 'new', signal: null } as const;
    await expect(buffer.wait(request)).rejects.toThrow(OverloadedError);
    buffer.stop();
    await expect(buffer.wait(request)).rejects.toThrow(StoppingError);
  });
});
