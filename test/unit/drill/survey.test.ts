import { describe, expect, test } from 'vitest';
import { leaderToKill } from '../../../src/drill/stage.js';
import { judgeSurvey } from '../../../src/drill/survey.js';
import type { NodeView, ReplicaSetView } from '../../../src/replicaset/view.js';

const now = new Date(1_000_000);
const node = (name: string, changes: Partial<NodeView> = {}): NodeView => ({
  name,
  uri: `${name}:3301`,
  reach: 'reachable',
  status: null,
  problem: null,
  lastSeenAt: now,
  ...changes,
});
const silent = (name: string) => node(name, { reach: 'unreachable', problem: 'refused', lastSeenAt: null });

function view(nodes: readonly NodeView[], changes: Partial<ReplicaSetView> = {}): ReplicaSetView {
  const quorum = Math.floor(nodes.length / 2) + 1;
  const led = { state: 'led', term: 3, leader: 'a', previousLeader: null } as const;
  return { ...led, quorum, nodes, observedAt: now, ...changes };
}

describe('A drill', () => {
  const all = [node('a'), node('b'), node('c')];

  test('is about the nodes of the configuration when all of them answer and one leads', () => {
    expect(judgeSurvey(view(all))).toBe('running');
    expect(leaderToKill(view(all)).name).toBe('a');
  });

  test('needs nodes of its own when none answers', () => {
    const nobody = view([silent('a'), silent('b'), silent('c')], { state: 'no-quorum', leader: null });
    expect(judgeSurvey(nobody)).toBe('absent');
  });

  test.each([
    ['a node is down', view([node('a'), node('b'), silent('c')]), 'c of 3 nodes does not answer'],
    ['two are', view([node('a'), silent('b'), silent('c')]), 'b and c of 3 nodes do not answer'],
    [
      'one has not been asked yet',
      view([node('a'), node('b'), node('c', { reach: 'unknown' })]),
      'c of 3 nodes',
    ],
    ['nobody leads', view(all, { state: 'electing', leader: null }), 'no writable leader'],
    ['two claim to lead', view(all, { state: 'split', leader: null }), 'two nodes claim'],
    ['nobody could be elected afterwards', view([node('a'), node('b')]), 'with 2 nodes nobody'],
  ])('kills nobody when %s', (_, seen, reason) => {
    expect(() => judgeSurvey(seen)).toThrow(reason);
    expect(() => leaderToKill(seen)).toThrow(reason);
  });

  test('kills nobody when a node has been silent for a while, though nobody has given it up yet', () => {
    const late = node('c', { lastSeenAt: new Date(+now - 1_500) });
    expect(() => leaderToKill(view([node('a'), node('b'), late]))).toThrow('c has not answered for a second');
  });
});
