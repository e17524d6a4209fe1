import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeadershipEvent } from '../../../src/replicaset/view.js';
import { describeView } from './notation.js';
import { Play } from './play.js';

/** Any words that nodes might say in any order, true or not, some of them late; and time that passes. */
const sequences = fc.constantFrom(1, 3, 5).chain((nodes) => {
  const node = fc.integer({ min: 1, max: nodes });
  const term = fc.integer({ min: 1, max: 6 });
  const word = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(node, term).map(([name, t]) => `${name}:L${t}`) },
    { weight: 1, arbitrary: fc.tuple(node, term).map(([name, t]) => `${name}:L${t}ro`) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(node, term, fc.integer({ min: 0, max: nodes }))
        .map(([name, t, leader]) => `${name}:F${t}>${leader}`),
    },
    { weight: 1, arbitrary: fc.tuple(node, term).map(([name, t]) => `${name}:C${t}`) },
    { weight: 2, arbitrary: node.map((name) => `${name}:X`) },
    { weight: 2, arbitrary: node.map((name) => `${name}:R`) },
  );
  const lateOrNot = fc.tuple(fc.constantFrom('', '', '', '~'), word).map((parts) => parts.join(''));
  // Some stay, some go, and one that has gone may come back.
  const members = fc
    .subarray(['1', '2', '3', '4', '5', '6'], { minLength: 1 })
    .map((names) => `=${names.join(',')}`);
  const pause = fc.integer({ min: 0, max: 2_000 }).map((ms) => `+${ms}`);
  const words = fc.array(
    fc.oneof(
      { weight: 18, arbitrary: lateOrNot },
      { weight: 2, arbitrary: pause },
      { weight: 1, arbitrary: members },
    ),
    {
      maxLength: 40,
    },
  );
  return fc.record({ nodes: fc.constant(nodes), words });
});

type Check = (play: Play, events: readonly LeadershipEvent[]) => void;

/** Plays sequences and checks after every word; `begin` gives each sequence a check with a memory of its own. */
function holdsAlways(begin: () => Check): void {
  const property = fc.property(sequences, ({ nodes, words }) => {
    const play = new Play(nodes);
    const check = begin();
    for (const word of words) {
      const before = play.events.length;
      play.step(word);
      check(play, play.events.slice(before));
    }
  });
  fc.assert(property, { numRuns: 500 });
}

describe('the reducer, whatever the nodes say', () => {
  it('publishes at most one leader per term', () => {
    holdsAlways(() => {
      const leaders = new Map<number, string>();
      return ({ state }) => {
        const { leader, term } = state.view;
        if (leader === null) return;
        expect(leaders.get(term) ?? leader).toBe(leader);
        leaders.set(term, leader);
      };
    });
  });

  it('never lets the term fall, in the view or in the events', () => {
    holdsAlways(() => {
      let term = 0;
      return ({ state }, events) => {
        for (const event of events) expect(event.term).toBe(state.view.term);
        expect(state.view.term).toBeGreaterThanOrEqual(term);
        term = state.view.term;
      };
    });
  });

  it('routes only to a reachable writable leader, whom no leader and no majority have left behind', () => {
    holdsAlways(() => ({ state: { view } }) => {
      expect(view.state === 'led').toBe(view.leader !== null);
      if (view.leader === null) return;
      const words = view.nodes.flatMap(({ reach, status }) =>
        reach === 'reachable' && status ? [status] : [],
      );
      const claims = words.filter(
        ({ role, writable, term }) => role === 'leader' && writable && term === view.term,
      );
      expect(claims.map(({ name }) => name)).toEqual([view.leader]);
      expect(words.some(({ role, term }) => role === 'leader' && term > view.term)).toBe(false);
      expect(words.filter(({ term }) => term > view.term).length).toBeLessThan(view.quorum);
    });
  });

  it('numbers events without a gap, and they tell the same story as the view', () => {
    holdsAlways(() => {
      let last: LeadershipEvent | null = null;
      return ({ state }, events) => {
        for (const event of events) {
          expect(event.sequence).toBe((last?.sequence ?? 0) + 1);
          expect(event.kind === 'ELECTED').toBe(event.leader !== null);
          expect(event.previousLeader).toBe(last?.leader ?? last?.previousLeader ?? null);
          if (event.kind === 'LOST') expect(last?.kind).toBe('ELECTED');
          else expect([event.leader, event.term]).not.toEqual([last?.leader, last?.term]);
          expect(event.leaderlessMs === null).toBe(event.kind === 'LOST' || last === null);
          last = event;
        }
        expect(state.view.leader).toBe(last?.leader ?? null);
      };
    });
  });

  it('is not moved by late news', () => {
    const property = fc.property(sequences, fc.integer({ min: 1, max: 9 }), ({ nodes, words }, term) => {
      const play = new Play(nodes);
      for (const word of words) play.step(word);
      const before = play.state;
      const heard = [...before.heardAt.keys()];
      for (const node of heard) play.step(`~${node}:L${term} ~${node}:X ~${node}:R`);
      expect(play.state).toBe(before);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('follows a healthy replica set again as soon as its leader is heard, whatever was before', () => {
    const property = fc.property(sequences, ({ nodes, words }) => {
      const play = new Play(nodes);
      for (const word of words) play.step(word);
      play.step(`=${Array.from({ length: nodes }, (_, index) => index + 1).join(',')}`);
      const healthy = Array.from({ length: nodes - 1 }, (_, index) => `${index + 2}:F7>1`);
      play.step(['1:L7', ...healthy].join(' '));
      expect(describeView(play.state.view)).toBe('led 1 t7');
    });
    fc.assert(property, { numRuns: 300 });
  });
});
