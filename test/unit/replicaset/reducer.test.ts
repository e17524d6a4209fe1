import { describe, expect, it } from 'vitest';
import { initialState, reduceReplicaSet } from '../../../src/replicaset/reducer.js';
import { Play } from './play.js';
import { scenarios } from './scenarios.js';

describe('the reducer', () => {
  it.each(scenarios)('$id: $name', ({ nodes, steps }) => {
    const play = new Play(nodes);
    const seen = steps.map(([observed]) => {
      const { standing, events } = play.step(observed);
      return [observed, standing, ...events];
    });
    expect(seen).toEqual(steps);
    expect(play.events.map(({ sequence }) => sequence)).toEqual(play.events.map((_, index) => index + 1));
  });

  it('is held against at least thirty scenarios, no two with one name', () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    expect(scenarios.length).toBeGreaterThanOrEqual(30);
  });

  it('says why a claim to lead is not believed', () => {
    const play = new Play();
    play.step('1:L5 2:L6');
    expect(play.node('1')?.problem).toBe('It claims to lead term 5, but term 6 has been seen');
    expect(play.node('2')?.problem).toBeNull();
    play.step('1:L6');
    expect(play.node('1')?.problem).toBe('It claims to lead term 6, and so does another node');
    play.step('1:F6>2');
    expect(play.node('1')?.problem).toBeNull();
  });

  it('keeps the last words of a node that has become unreachable', () => {
    const play = new Play();
    play.step('1:L5');
    play.step('1:X');
    expect(play.node('1')).toMatchObject({
      reach: 'unreachable',
      problem: 'connection refused',
      status: { role: 'leader', term: 5 },
      lastSeenAt: new Date(1_100),
    });
    expect(play.state.view.observedAt).toEqual(new Date(1_200));
  });

  it('shows a node that refused a write as read-only, for the reason it gave', () => {
    const play = new Play();
    play.step('1:L5 1:R');
    expect(play.node('1')?.status).toMatchObject({
      role: 'leader',
      writable: false,
      readOnlyReason: 'read-only',
    });
  });

  it('names the leader before this one, in the view as in the event', () => {
    const play = new Play();
    play.step('1:L5 1:X');
    expect(play.state.view).toMatchObject({ leader: null, previousLeader: '1' });
    play.step('2:L6');
    expect(play.state.view).toMatchObject({ leader: '2', previousLeader: '1' });
    play.step('3:L7');
    expect(play.state.view).toMatchObject({ leader: '3', previousLeader: '2' });
    expect(play.events.map(({ previousLeader }) => previousLeader)).toEqual([null, '1', '1', '2']);
  });

  it('returns the same state when it drops an observation', () => {
    const play = new Play();
    play.step('1:L5 1:L5 3:F5>1');
    const before = play.state;
    play.step('~1:X');
    play.step('2:R 3:R');
    play.observe({ kind: 'unreachable', node: 'stranger', asOf: 99, problem: 'unknown' });
    expect(play.state).toBe(before);
  });

  it('takes any names for nodes', () => {
    const names = ['constructor', '__proto__', 'Köln 1'];
    const nodes = names.map((name) => ({ name, uri: name }));
    let state = initialState(nodes, new Date(0));
    for (const node of names) {
      const observation = { kind: 'unreachable', node, asOf: state.revision, problem: 'refused' } as const;
      ({ state } = reduceReplicaSet(state, observation, { now: 0, date: new Date(0) }));
    }
    expect(state.view.nodes.map(({ name, reach }) => [name, reach])).toEqual(
      names.map((name) => [name, 'unreachable']),
    );
  });
});
