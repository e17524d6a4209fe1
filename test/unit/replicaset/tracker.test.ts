import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { ReplicaSetTracker } from '../../../src/replicaset/tracker.js';
import { MemoryLog } from './memory-log.js';
import { describeEvent, describeView, parseNews } from './notation.js';

function track() {
  const log = new MemoryLog();
  const nodes = ['1', '2', '3'].map((name) => ({ name, uri: `${name}:3301` }));
  const tracker = new ReplicaSetTracker({ nodes, clock: systemClock, log });
  const hear = (...news: string[]): void => {
    for (const text of news) tracker.observe(parseNews(text, tracker.revision));
  };
  return { tracker, hear, log };
}

describe('the tracker', () => {
  it('tells every new view, and events only when leadership changed', () => {
    const { tracker, hear } = track();
    const told: string[] = [];
    tracker.onView((view) => told.push(describeView(view)));
    tracker.onLeadership(({ sequence, kind }) => told.push(`${sequence} ${kind}`));
    hear('1:L5', '1:L5', '1:X');
    expect(told).toEqual(['led 1 t5', '1 ELECTED', 'led 1 t5', 'no-quorum t5', '2 LOST']);
  });

  it('shows the new view and the new event to whoever looks from a listener', () => {
    const { tracker, hear } = track();
    const seen: unknown[] = [];
    tracker.onView((view) => seen.push([tracker.view === view, tracker.history.length]));
    tracker.onLeadership((event) => seen.push([tracker.view.leader, tracker.history.at(-1) === event]));
    hear('1:L5');
    expect(seen).toEqual([
      [true, 1],
      ['1', true],
    ]);
  });

  it('calls listeners in the order in which they came, until they leave', () => {
    const { tracker, hear } = track();
    const called: string[] = [];
    const leave = tracker.onView(() => called.push('first'));
    tracker.onView(() => called.push('second'));
    hear('2:X');
    leave();
    leave();
    hear('2:X');
    expect(called).toEqual(['first', 'second', 'second']);
  });

  it('keeps two subscriptions of one function apart', () => {
    const { tracker, hear } = track();
    let calls = 0;
    const listener = (): void => void (calls += 1);
    const leave = tracker.onView(listener);
    tracker.onView(listener);
    leave();
    hear('2:X');
    expect(calls).toBe(1);
  });

  it('does not let a listener that throws break the others', () => {
    const { tracker, hear, log } = track();
    const heard: string[] = [];
    tracker.onLeadership(() => {
      throw new Error('broken');
    });
    tracker.onLeadership((event) => heard.push(describeEvent(event)));
    hear('1:L5');
    expect(heard).toEqual(['ELECTED 1 t5 first']);
    expect(log.lines).toContain('error A listener of the replica set failed');
  });

  it('tells nobody of late news', () => {
    const { tracker, hear } = track();
    hear('1:L5');
    const { view } = tracker;
    let told = 0;
    tracker.onView(() => (told += 1));
    tracker.observe(parseNews('1:X', 0));
    expect([tracker.view, told]).toEqual([view, 0]);
  });

  it('remembers the last thousand events', () => {
    const { tracker, hear } = track();
    for (let term = 1; term <= 600; term += 1) hear(`1:L${term}`, '1:X');
    expect(tracker.history).toHaveLength(1_000);
    expect(tracker.history.at(0)?.sequence).toBe(201);
    expect(tracker.history.at(-1)?.sequence).toBe(1_200);
  });

  it('does not change a history that somebody holds', () => {
    const { tracker, hear } = track();
    hear('1:L5');
    const { history } = tracker;
    hear('1:X');
    expect(history).toHaveLength(1);
  });

  it('logs a line for each change of leader and of reach, and none for a poll', () => {
    const { hear, log } = track();
    hear('1:L5', '1:L5', '1:L5', '2:F5>1', '3:X', '3:X', '1:X', '2:L6', '1:L6');
    expect(log.lines).toEqual([
      'info 1 answers',
      'info 1 leads term 5',
      'info 2 answers',
      'warn 3 is unreachable',
      'warn 1 is unreachable',
      'warn 1 leads no more: it is unreachable: connection refused',
      'info 2 leads term 6 after 0 ms without a leader',
      'info 1 answers',
      'warn 2 leads no more: another node claims to lead the same term',
      'error Two nodes claim to lead term 6: neither is used until the term rises',
    ]);
  });

  it('tells of a change with its term, its cause and its pause; the next one has a cause of its own', () => {
    const { hear, log } = track();
    hear('1:L5', '2:F5>1', '1:F5>0', '2:L6', '1:F6>2', '2:L6ro');
    const changes = log.details.filter((details) => 'cause' in details);
    expect(changes).toEqual([
      { term: 5, leader: '1', previousLeader: null, cause: null, leaderlessMs: null },
      {
        term: 5,
        leader: null,
        previousLeader: '1',
        cause: 'it says that it is a follower in term 5',
        leaderlessMs: null,
      },
      {
        term: 6,
        leader: '2',
        previousLeader: '1',
        cause: 'it says that it is a follower in term 5',
        leaderlessMs: 0,
      },
      {
        term: 6,
        leader: null,
        previousLeader: '2',
        cause: expect.stringMatching(/^it may not write: /),
        leaderlessMs: null,
      },
    ]);
  });
});
