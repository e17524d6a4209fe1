import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DeadlineSet } from '../../../src/tarantool/deadline-set.js';
import type { Seated } from '../../../src/tarantool/roster.js';

interface Member extends Seated {
  readonly name: string;
  readonly deadlineAt: number;
}

let now = 0;
const clock = { now: () => now, date: () => new Date(0) };
let expired: string[][];
let members: DeadlineSet<Member>;

/** Moves the clock and the timers, a millisecond and a turn of the event loop at a time. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left--) {
    now += 1;
    vi.advanceTimersByTime(1);
    await setImmediate();
  }
}

const member = (name: string, deadlineAt: number): Member => ({ name, deadlineAt, place: -1 });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  now = 1000;
  expired = [];
  members = new DeadlineSet<Member>(clock, (late) => expired.push(late.map(({ name }) => name)));
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a set of deadlines', () => {
  test('gives each member at its deadline, not before, in whatever order they came', async () => {
    members.add(member('later', 1030));
    members.add(member('soon', 1010));
    members.add(member('latest', 1040));
    await pass(9);
    expect(expired).toEqual([]);
    await pass(1);
    expect(expired).toEqual([['soon']]);
    await pass(30);
    expect(expired).toEqual([['soon'], ['later'], ['latest']]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('gives members with one deadline together', async () => {
    members.add(member('a', 1010));
    members.add(member('b', 1010));
    await pass(10);
    expect(expired).toEqual([['a', 'b']]);
  });

  test('does not give a member that was removed, and says whether it was there', async () => {
    const answered = member('answered', 1010);
    members.add(answered);
    expect(members.delete(answered)).toBe(true);
    expect(members.delete(answered)).toBe(false);
    await pass(20);
    expect(expired).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('needs one timer for any number of members', async () => {
    for (let index = 0; index < 1000; index++) members.add(member(`${index}`, 1010 + (index % 7)));
    expect(vi.getTimerCount()).toBe(1);
    await pass(20);
    expect(expired.flat()).toHaveLength(1000);
  });

  test('gives a member whose deadline has passed when it is added', async () => {
    members.add(member('late', 990));
    await pass(1);
    expect(expired).toEqual([['late']]);
  });

  test('waits on when its timer fires a little early', async () => {
    members.add(member('exact', 1010.4));
    now = 1010;
    vi.advanceTimersByTime(11);
    await setImmediate();
    expect(expired).toEqual([]);
    await pass(1);
    expect(expired).toEqual([['exact']]);
  });

  test('bears deadlines that are further away than a timer reaches', async () => {
    members.add(member('never', Infinity));
    members.add(member('far', 1000 + 2 ** 33));
    await pass(5);
    expect(expired).toEqual([]);
    members.add(member('near', 1010));
    await pass(5);
    expect(expired).toEqual([['near']]);
  });

  test('when drained gives all that are left and keeps no timer', async () => {
    members.add(member('a', 1010));
    members.add(member('b', 1020));
    expect(members.drain().map(({ name }) => name)).toEqual(['a', 'b']);
    expect(vi.getTimerCount()).toBe(0);
    await pass(30);
    expect(expired).toEqual([]);
  });

  test('may be drained and filled again by the one who is told', async () => {
    members = new DeadlineSet<Member>(clock, (late) => {
      expired.push(late.map(({ name }) => name));
      members.drain();
      if (expired.length === 1) members.add(member('next', 1015));
    });
    members.add(member('first', 1010));
    members.add(member('dropped', 1012));
    await pass(30);
    expect(expired).toEqual([['first'], ['next']]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
