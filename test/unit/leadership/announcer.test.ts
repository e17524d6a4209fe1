import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createAnnouncer } from '../../../src/leadership/announcer.js';

/** A source of numbers, and as many listeners as are wanted, with what each has heard. */
function setUp(count: number, { maxWaiting = 10 } = {}) {
  const sources = new Set<(value: number) => void>();
  const subscribe = createAnnouncer<number>({
    source: (tell) => {
      sources.add(tell);
      return () => sources.delete(tell);
    },
    maxWaiting,
  });
  const heard: number[][] = [];
  /** How often each listener was called. */
  const calls: number[] = [];
  const listen = () => {
    const values: number[] = [];
    const index = heard.push(values) - 1;
    calls.push(0);
    return subscribe((missed) => {
      values.push(...missed);
      calls[index] = (calls[index] ?? 0) + 1;
    });
  };
  const leaves = Array.from({ length: count }, listen);
  return {
    heard,
    calls,
    listen,
    leaves,
    sources,
    tell: (value: number) => sources.forEach((tell) => tell(value)),
  };
}
const howManyHeard = (heard: readonly (readonly number[])[], value: number) =>
  heard.filter((values) => values.includes(value)).length;

async function untilAllHeard(heard: readonly (readonly number[])[], value: number): Promise<void> {
  while (howManyHeard(heard, value) < heard.length) await setImmediate();
}

test('few listeners hear of a value at once, over one subscription to its source', () => {
  const { heard, tell, sources } = setUp(3);
  tell(7);
  expect(heard).toEqual([[7], [7], [7]]);
  expect(sources.size).toBe(1);
});

test('of many listeners some hear in each turn of the event loop, and others get their turn in between', async () => {
  const { heard, tell } = setUp(1_000);
  tell(7);
  const atOnce = howManyHeard(heard, 7);
  expect(atOnce).toBeGreaterThan(0);
  expect(atOnce).toBeLessThan(250);
  await setImmediate();
  expect(howManyHeard(heard, 7)).toBe(2 * atOnce);
  await untilAllHeard(heard, 7);
});

test('every listener hears values in order, also those that came while others were being told', async () => {
  const { heard, tell } = setUp(1_000);
  for (const value of [1, 2, 3]) tell(value);
  await untilAllHeard(heard, 3);
  expect(new Set(heard.map((values) => values.join()))).toEqual(new Set(['1,2,3']));
});

test('values that came before a listener had its turn are told it in one call', async () => {
  const { tell, calls, heard } = setUp(1_000);
  for (const value of [1, 2, 3]) tell(value);
  await untilAllHeard(heard, 3);
  // Some heard the first at once.
  expect(new Set(calls)).toEqual(new Set([1, 2]));
  expect(calls.filter((count) => count === 1).length).toBeGreaterThan(750);
});

test('of more values than may wait the oldest are left out, never the newest', async () => {
  const { heard, tell } = setUp(1_000, { maxWaiting: 2 });
  for (const value of [1, 2, 3, 4, 5]) tell(value);
  await untilAllHeard(heard, 5);
  expect(new Set(heard.map((values) => values.join()))).toEqual(new Set(['1,4,5', '4,5']));
});

test('who comes while a value is being told hears the next one; who has left hears nothing', async () => {
  const { heard, tell, listen, leaves } = setUp(1_000);
  tell(1);
  listen();
  leaves[999]?.();
  tell(2);
  while (howManyHeard(heard, 2) < 1_000) await setImmediate();
  expect(heard[999]).toEqual([]);
  expect(heard[1_000]).toEqual([2]);
});

test('the source is left with the last listener, and found again by the next', async () => {
  const { leaves, sources, listen, tell, heard } = setUp(2);
  leaves[0]?.();
  expect(sources.size).toBe(1);
  leaves[1]?.();
  expect(sources.size).toBe(0);
  listen();
  tell(7);
  expect(heard).toEqual([[], [], [7]]);
});
