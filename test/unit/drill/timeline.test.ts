import { describe, expect, test } from 'vitest';
import { momentsOf } from '../../../src/drill/moments.js';
import { findCalmMs, findPause } from '../../../src/drill/story.js';
import { renderTimeline } from '../../../src/drill/timeline.js';
import { type Paint, plain } from '../../../src/terminal.js';
import { aStory, topology } from './a-story.js';

const tell = (...changes: Parameters<typeof aStory>) => renderTimeline(momentsOf(aStory(...changes)), plain);

const pauseOf = (acknowledgedAt: readonly number[]) => findPause(aStory({ acknowledgedAt }));
const mark: Paint = (style, text) => (style === 'dim' ? text : `<${style}>${text}`);

describe('The timeline', () => {
  test('tells the story in the order of time, in milliseconds from the kill', () => {
    expect(tell()).toBe(
      `
      ms  what happens
  -1,000  clients begin to write and to read
      -2  the last write before the pause is acknowledged, the 2nd
       0  SIGKILL for a (process 4711)
      +1  subscribers hear the loss: LOST, term 6
     +14  subscribers hear the election: b leads term 7
     +21  the first write after it is acknowledged: a pause of 21 ms
    +103  the others have given up a: upstream disconnected, downstream stopped
    +160  the 2 employees acknowledged before the kill are on b, which leads, and on c
  +1,000  a is started again by its launcher (process 12)
  +1,400  a answers again
  +1,800  replication: follow between all nodes, both ways
  +2,800  the writers stop: 5 acknowledged
`.slice(1, -1),
    );
  });

  test('leaves out what did not come about', () => {
    const text = tell({
      changes: [],
      topologies: [topology(8_900)],
      sameData: null,
      revivedAt: null,
      wholeAt: null,
      acknowledgedAt: [9_100, 9_998],
    });
    expect(text.split('\n').map((line) => line.trim().split(/ +/)[0])).toEqual([
      'ms',
      '-1,000',
      '0',
      '+2,800',
    ]);
  });

  test('tells of a frozen node that it is thawed', () => {
    expect(tell({ strike: 'SIGSTOP' })).toContain('+1,000  SIGCONT for a\n');
  });

  test('is coloured sparingly: the kill, and what is well again', () => {
    const text = renderTimeline(momentsOf(aStory()), mark);
    expect(text).toContain('0  <red>SIGKILL for a');
    expect(text).toContain('+14  <green>subscribers hear the election');
    expect(text).toContain('-2  the last write');
  });
});

describe('The pause', () => {
  test('is the longest wait that began before clients heard of the election', () => {
    expect(pauseOf([9_990, 10_005, 10_040, 10_500])).toEqual({ from: 10_005, to: 10_040, ms: 35 });
  });

  test('begins with the kill, and not before', () => {
    expect(pauseOf([9_950, 10_030])).toEqual({ from: 9_950, to: 10_030, ms: 30 });
  });

  test('is not measured where no write was acknowledged afterwards', () => {
    expect(pauseOf([9_950])).toBeNull();
    expect(pauseOf([])).toBeNull();
  });

  test('lasts as long as nobody was elected', () => {
    const acknowledgedAt = [9_950, 10_050, 12_000];
    expect(findPause(aStory({ acknowledgedAt, changes: [] }))).toMatchObject({ ms: 1_950 });
  });

  test('of the calm before is told apart', () => {
    expect(findCalmMs(aStory({ acknowledgedAt: [9_000, 9_040, 9_050, 9_995, 10_500] }))).toBe(945);
    expect(findCalmMs(aStory({ acknowledgedAt: [9_000, 9_040, 10_500] }))).toBe(960);
    expect(findCalmMs(aStory({ acknowledgedAt: [10_500] }))).toBe(0);
  });
});
