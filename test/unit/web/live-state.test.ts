import { describe, expect, test } from 'vitest';
import {
  type LiveEvent,
  type LiveState,
  initialLiveState,
  reduceLive,
} from '../../../web/console/state/live-state.js';
import { standingOf } from '../../../web/console/state/words.js';
import { current, elected, instant, lost, topology } from './changes.js';

const play = (...events: readonly LiveEvent[]): LiveState => events.reduce(reduceLive, initialLiveState);
const heard = (change: Parameters<typeof reduceLive>[1] & { kind: 'change' }): LiveEvent => change;
const change = (of: ReturnType<typeof lost>, at = 0): LiveEvent => heard({ kind: 'change', change: of, at });
const sequences = ({ changes }: LiveState) => changes.map(({ sequence }) => sequence);

describe('the link', () => {
  test('is lost since the first failure, however often it fails again', () => {
    const { link } = play(
      { kind: 'connected' },
      { kind: 'disconnected', at: 5 },
      { kind: 'disconnected', at: 9 },
    );
    expect(link).toEqual({ phase: 'lost', since: 5 });
  });

  test('is live again when it is connected, and keeps what was known', () => {
    const state = play(
      { kind: 'topology', topology: topology(['a']) },
      { kind: 'disconnected', at: 5 },
      { kind: 'connected' },
    );
    expect(state.link).toEqual({ phase: 'live' });
    expect(state.topology?.leader?.name).toBe('a');
  });
});

test('a cluster that may not be seen is said to be so', () => {
  const state = play({ kind: 'connected' }, { kind: 'forbidden' }, { kind: 'forbidden' });
  expect(standingOf(state)).toEqual({ tone: 'unknown', headline: 'You may not see the cluster' });
});

test('a topology that was overtaken by a newer one changes nothing', () => {
  const state = play(
    {
      kind: 'topology',
      topology: topology(['b', 'a'], { observedAt: new Date(instant(2)).toISOString() }),
    },
    {
      kind: 'topology',
      topology: topology(['a', 'b'], { observedAt: new Date(instant(1)).toISOString() }),
    },
  );
  expect(state.topology?.leader?.name).toBe('b');
});

describe('the changes', () => {
  test('that were missed are filled in from the history, each once and in order', () => {
    const state = play(
      change(elected(1, 'a')),
      change(elected(4, 'c')),
      { kind: 'history', changes: [elected(1, 'a'), lost(2, 'a'), elected(3, 'b'), elected(4, 'c')] },
      change(lost(5, 'c')),
    );
    expect(sequences(state)).toEqual([1, 2, 3, 4, 5]);
    expect(state.isHistoryKnown).toBe(true);
  });

  test('of a gateway that was restarted, and counts anew, do not mix with those of the one before', () => {
    const state = play(change(elected(7, 'a')), change(current(0, 'a')), {
      kind: 'history',
      changes: [elected(1, 'a')],
    });
    expect(sequences(state)).toEqual([1]);
  });

  test('do not count how things stand as a change', () => {
    expect(sequences(play(change(elected(3, 'a')), change(current(3, 'a'))))).toEqual([3]);
  });
});

describe('since when nobody leads', () => {
  test('is when the loss was heard, until somebody is elected', () => {
    expect(play(change(lost(1, 'a'), 40)).leaderlessSince).toBe(40);
    expect(play(change(lost(1, 'a'), 40), change(elected(2, 'b'), 50)).leaderlessSince).toBeNull();
  });

  test('is told by the gateway to a page that comes in the middle of it', () => {
    expect(play(change(current(1, null, 30), 100)).leaderlessSince).toBe(70);
  });

  test('is not known when the gateway does not know', () => {
    expect(play(change(current(0, null, null), 100)).leaderlessSince).toBeNull();
  });
});
