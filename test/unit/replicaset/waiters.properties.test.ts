import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { Waiters } from '../../../src/replicaset/waiters.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

type Action =
  | { readonly do: 'enter'; readonly forMs: number; readonly pauseMs: number }
  | { readonly do: 'elect' | 'lose' | 'stop' }
  | { readonly do: 'pass'; readonly ms: number };

const ms = fc.integer({ min: 0, max: 100 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant('enter' as const), forMs: ms, pauseMs: ms }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constantFrom('elect' as const, 'lose' as const) }) },
  { weight: 15, arbitrary: fc.record({ do: fc.constant('pass' as const), ms }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const) }) },
);

interface Entered {
  readonly enteredAt: number;
  readonly deadlineAt: number;
  readonly notBefore: number;
  readonly endings: { readonly how: string; readonly at: number }[];
}

/** Plays the actions against a small queue. Time is up for everybody at the end. */
async function playOut(actions: readonly Action[]) {
  const waiters = new Waiters({ clock: systemClock, limit: 5 });
  const entered: Entered[] = [];
  const leader = { there: false };

  for (const step of actions) {
    const now = systemClock.now();
    if (step.do === 'enter') {
      const one: Entered = {
        enteredAt: now,
        deadlineAt: now + step.forMs,
        notBefore: now + step.pauseMs,
        endings: [],
      };
      entered.push(one);
      const end = (how: string): void => void one.endings.push({ how, at: systemClock.now() });
      waiters.wait({ ...one, ready: () => leader.there }).then(end, (error: Error) => end(error.name));
    } else if (step.do === 'pass') {
      await vi.advanceTimersByTimeAsync(step.ms);
    } else if (step.do === 'stop') {
      waiters.stop();
    } else {
      leader.there = step.do === 'elect';
      waiters.wake();
    }
    const { entered: all, waiting, released, expired, refused, aborted } = waiters.counts;
    expect(waiting + released + expired + refused + aborted).toBe(all);
    expect(waiting).toBeLessThanOrEqual(5);
  }
  await vi.advanceTimersByTimeAsync(200);
  return { waiters, entered };
}

describe('the queue of requests that wait, whatever happens', () => {
  it('settles each waiter exactly once, by its deadline, and counts each once', async () => {
    const property = fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const { waiters, entered } = await playOut(actions);
      const of = (how: string): number => entered.filter(({ endings }) => endings[0]?.how === how).length;
      for (const { endings, deadlineAt } of entered) {
        expect(endings).toHaveLength(1);
        expect(endings[0]?.at).toBeLessThanOrEqual(deadlineAt + 1);
      }
      expect(waiters.counts).toEqual({
        entered: entered.length,
        waiting: 0,
        released: of('released'),
        expired: of('expired'),
        refused: of('OverloadedError'),
        aborted: of('StoppingError'),
      });
      expect(vi.getTimerCount()).toBe(0);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it('releases nobody early or late: never in a pause, never after the deadline, never without a leader', async () => {
    const property = fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const { entered } = await playOut(actions);
      for (const { endings, deadlineAt, notBefore } of entered) {
        const [ending] = endings;
        if (ending?.how === 'released') {
          expect(ending.at).toBeGreaterThanOrEqual(notBefore);
          expect(ending.at).toBeLessThanOrEqual(deadlineAt);
        }
        if (ending?.how === 'expired') expect(ending.at).toBeGreaterThanOrEqual(deadlineAt);
      }
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it('keeps nobody waiting while there is a leader and no pause', async () => {
    const property = fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const withoutPauses = actions.map((step) => (step.do === 'enter' ? { ...step, pauseMs: 0 } : step));
      const { waiters } = await playOut([
        ...withoutPauses,
        { do: 'enter', forMs: 100, pauseMs: 0 },
        { do: 'elect' },
      ]);
      expect(waiters.counts.waiting).toBe(0);
    });
    await fc.assert(property, { numRuns: 100 });
  });
});
