import { expect, test } from 'vitest';
import type { Listener } from '../../../src/leadership/announcer.js';
import { latest } from '../../../src/leadership/latest.js';

/** A source of numbers that begins with 0, and what is known of its one listener. */
function setUp() {
  const listeners = new Set<Listener<number>>();
  const values = latest(
    () => 0,
    (push) => {
      listeners.add(push);
      return () => listeners.delete(push);
    },
  );
  const emitTogether = (...numbers: number[]): void => {
    for (const push of listeners) push(numbers);
  };
  const emit = (...numbers: number[]): void => {
    for (const number of numbers) emitTogether(number);
  };
  return { values, emit, emitTogether, listeners };
}
const yields = (value: number) => ({ done: false, value });
const end = { done: true, value: undefined };

test('a listener gets the first value, then every one that it waits for', async () => {
  const { values, emit } = setUp();
  expect(await values.next()).toEqual(yields(0));
  for (const number of [1, 2, 3]) {
    const next = values.next();
    emit(number);
    expect(await next).toEqual(yields(number));
  }
});

test('a listener that waits gets both of two values that come at once', async () => {
  const { values, emit } = setUp();
  await values.next();
  const next = values.next();
  emit(1, 2);
  expect(await next).toEqual(yields(1));
  expect(await values.next()).toEqual(yields(2));
});

test('a listener that waits gets all of many values that come together, unless newer ones come before it is back', async () => {
  const { values, emit, emitTogether } = setUp();
  await values.next();
  const first = values.next();
  emitTogether(1, 2, 3);
  for (const number of [1, 2, 3])
    expect(await (number === 1 ? first : values.next())).toEqual(yields(number));
  const next = values.next();
  emitTogether(4, 5, 6);
  expect(await next).toEqual(yields(4));
  emit(7);
  expect(await values.next()).toEqual(yields(7));
});

test('a listener that is busy finds only the newest value when it is back', async () => {
  const { values, emit, emitTogether } = setUp();
  await values.next();
  emit(1, 2);
  emitTogether(2, 3);
  expect(await values.next()).toEqual(yields(3));
  const next = values.next();
  emit(4);
  expect(await next).toEqual(yields(4));
});

test('nothing is subscribed before the first value is asked for', async () => {
  const { values, listeners } = setUp();
  expect(listeners.size).toBe(0);
  await values.return(undefined);
  expect(await values.next()).toEqual(end);
  expect(listeners.size).toBe(0);
});

test('no value is lost between the first one and the subscription', async () => {
  const { values, emit } = setUp();
  const first = values.next();
  emit(1);
  expect(await first).toEqual(yields(0));
  expect(await values.next()).toEqual(yields(1));
});

test('a listener that returns while it waits is let go at once', async () => {
  const { values, emit, listeners } = setUp();
  await values.next();
  const waiting = values.next();
  const returned = values.return(undefined);
  expect(listeners.size).toBe(0);
  expect(await waiting).toEqual(end);
  expect(await returned).toEqual(end);
  emit(1);
  expect(await values.next()).toEqual(end);
});

test('a listener that returns with a value in hand is let go, and the value it missed with it', async () => {
  const { values, emit, listeners } = setUp();
  await values.next();
  emit(1);
  await values.return(undefined);
  expect(listeners.size).toBe(0);
  expect(await values.next()).toEqual(end);
});

test('a loop that ends early leaves no listener', async () => {
  const { values, listeners } = setUp();
  for await (const value of values) {
    expect(value).toBe(0);
    break;
  }
  expect(listeners.size).toBe(0);
});

test('an error thrown in comes out again, and no listener stays', async () => {
  const { values, listeners } = setUp();
  await values.next();
  await expect(values.throw(new Error('enough'))).rejects.toThrow('enough');
  expect(listeners.size).toBe(0);
});

test('two values cannot be asked for at once', async () => {
  const { values, emit } = setUp();
  await values.next();
  const waiting = values.next();
  await expect(values.next()).rejects.toThrow('one value at a time');
  emit(1);
  expect(await waiting).toEqual(yields(1));
});
