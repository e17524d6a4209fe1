import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { RequestBuffer, type Departure } from '../../../src/replicaset/request-buffer.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

type Action =
  | {
      readonly do: 'enter';
      readonly forMs: number;
      readonly bytes: number;
      readonly standing: 'new' | 'returning';
    }
  | { readonly do: 'lose' | 'stop' }
  | { readonly do: 'elect'; readonly leader: string }
  /** The client of the n-th request goes away; the n-th call that is under way is answered. */
  | { readonly do: 'abort' | 'answer'; readonly which: number }
  | { readonly do: 'pass'; readonly ms: number };

const ms = fc.integer({ min: 0, max: 100 });
const which = fc.nat({ max: 30 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      forMs: ms,
      bytes: fc.nat({ max: 40 }),
      standing: fc.constantFrom('new' as const, 'returning' as const),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('elect' as const), leader: fc.constantFrom('a', 'b') }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constantFrom('abort' as const, 'answer' as const), which }) },
  { weight: 15, arbitrary: fc.record({ do: fc.constant('pass' as const), ms }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const) }) },
);
const story = fc.array(action, { maxLength: 60 });

const maxRequests = 5;
const maxBytes = 100;

interface Entered {
  readonly deadlineAt: number;
  readonly standing: 'new' | 'returning';
  readonly client: AbortController;
  readonly endings: { readonly how: string; readonly at: number; readonly leader: string | null }[];
}

/** Plays the actions against a small buffer. Time is up for everybody at the end. */
async function playOut(actions: readonly Action[]) {
  let leader: string | null = null;
  const buffer = new RequestBuffer({ clock: systemClock, maxRequests, maxBytes, whoServes: () => leader });
  const entered: Entered[] = [];
  const calls: (() => void)[] = [];
  const target = { kind: 'leader' } as const;

  const enter = (step: Extract<Action, { do: 'enter' }>): void => {
    const { bytes, standing } = step;
    const deadlineAt = systemClock.now() + step.forMs;
    const one: Entered = { deadlineAt, standing, client: new AbortController(), endings: [] };
    entered.push(one);
    const end = (how: string): void => void one.endings.push({ how, at: systemClock.now(), leader });
    const wait = buffer.wait({ target, deadlineAt, bytes, standing, signal: one.client.signal });
    const leave = (departure: Departure): void => {
      if (departure.kind === 'released') calls.push(departure.answered);
      end(departure.kind);
    };
    wait.then(leave, (error: Error) => end(error.name));
  };

  for (const step of actions) {
    if (step.do === 'enter') enter(step);
    else if (step.do === 'pass') await vi.advanceTimersByTimeAsync(step.ms);
    else if (step.do === 'stop') buffer.stop();
    else if (step.do === 'abort') entered[step.which]?.client.abort();
    else if (step.do === 'answer') calls.splice(step.which, 1)[0]?.();
    else {
      leader = step.do === 'elect' ? step.leader : null;
      buffer.wake();
    }
    await vi.advanceTimersByTimeAsync(0);
    const { buffered, waiting, waitingBytes, drained, expired, cancelled, aborted } = buffer.counts;
    expect(waiting + drained + expired + cancelled + aborted).toBe(buffered);
    const returning = entered.filter(({ standing }) => standing === 'returning').length;
    expect(waiting).toBeLessThanOrEqual(maxRequests + returning);
    expect(waitingBytes).toBeGreaterThanOrEqual(0);
  }
  const waitingAtTheEnd = buffer.counts.waiting;
  // Calls are answered sooner or later.
  for (const answered of calls) answered();
  await vi.advanceTimersByTimeAsync(200);
  return { buffer, entered, waitingAtTheEnd };
}

describe('the buffer, whatever happens', () => {
  it('settles each request exactly once, by its deadline, and counts each once; no place is lost', async () => {
    const property = fc.asyncProperty(story, async (actions) => {
      const { buffer, entered } = await playOut(actions);
      const of = (how: string): number => entered.filter(({ endings }) => endings[0]?.how === how).length;
      for (const { endings, deadlineAt } of entered) {
        expect(endings).toHaveLength(1);
        expect(endings[0]?.at).toBeLessThanOrEqual(deadlineAt + 1);
      }
      const { counts } = buffer;
      expect(counts).toMatchObject({
        waiting: 0,
        waitingBytes: 0,
        drained: of('released'),
        expired: of('expired'),
        cancelled: of('cancelled'),
        refused: of('OverloadedError'),
      });
      expect(counts.buffered + counts.refused).toBeLessThanOrEqual(entered.length);
      expect(vi.getTimerCount()).toBe(0);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('releases nobody early or late: never without a leader, never after the deadline or when the client has gone', async () => {
    const property = fc.asyncProperty(story, async (actions) => {
      const { entered } = await playOut(actions);
      for (const { endings, deadlineAt } of entered) {
        const [ending] = endings;
        if (ending?.how === 'released') {
          expect(ending.leader).not.toBeNull();
          expect(ending.at).toBeLessThanOrEqual(deadlineAt);
        }
        if (ending?.how === 'expired') expect(ending.at).toBeGreaterThanOrEqual(deadlineAt);
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('keeps nobody waiting while there is a leader that answers', async () => {
    const property = fc.asyncProperty(story, async (actions) => {
      const answers = Array.from({ length: 100 }, () => ({ do: 'answer', which: 0 }) as const);
      const { waitingAtTheEnd } = await playOut([
        ...actions,
        { do: 'enter', forMs: 100, bytes: 1, standing: 'returning' },
        { do: 'elect', leader: 'c' },
        ...answers,
      ]);
      expect(waitingAtTheEnd).toBe(0);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
