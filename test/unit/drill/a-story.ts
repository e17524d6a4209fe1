import type { Story } from '../../../src/drill/story.js';
import { type Evidence, judge } from '../../../src/drill/verdict.js';
import type { SeenLink, SeenTopology } from '../../../src/drill/watch.js';
import type { ReplicaSetView } from '../../../src/replicaset/view.js';

const names = ['a', 'b', 'c'];
const follow = { upstream: 'follow', downstream: 'follow' };
const givenUp = { upstream: 'disconnected', downstream: 'stopped' };

/** Three nodes; `away` is one that nobody reaches. */
export function topology(at: number, away: string | null = null): SeenTopology {
  const linksOf = (name: string): readonly SeenLink[] =>
    names.filter((peer) => peer !== name).map((peer) => ({ peer, ...(peer === away ? givenUp : follow) }));
  return {
    at,
    nodes: names.map((name) => ({
      name,
      reachable: name !== away,
      links: name === away ? [] : linksOf(name),
    })),
  };
}

const nobody: ReplicaSetView = {
  state: 'no-quorum',
  term: 0,
  leader: null,
  previousLeader: null,
  quorum: 2,
  nodes: [],
  observedAt: new Date(0),
};

/** What is found to be as it should. */
export const soundEvidence: Evidence = {
  adds: ['one', 'two', 'three'].map((name) => ({ name, outcome: { kind: 'ok', value: 1 } })),
  found: new Map(names.map((node) => [node, ['one', 'two', 'three']])),
  answers: new Map([['ok', 5]]),
  missed: [],
  problems: [],
};

/** `a` is killed at 10,000 and `b` elected 14 ms later; all goes well. */
export function aStory(changes: Partial<Story> = {}): Story {
  return {
    strike: 'SIGKILL',
    victim: { name: 'a', pid: 4711, reviver: 'its launcher (process 12)' },
    term: 6,
    version: '3.3.0',
    beganAt: 9_000,
    struckAt: 10_000,
    revivedAt: 11_000,
    wholeAt: 11_800,
    endedAt: 12_800,
    acknowledgedAt: [9_100, 9_998, 10_021, 10_030, 12_000],
    reads: 2,
    changes: [
      { at: 8_900, kind: 'CURRENT', term: 6, leader: 'a' },
      { at: 10_001, kind: 'LOST', term: 6, leader: null },
      { at: 10_014, kind: 'ELECTED', term: 7, leader: 'b' },
    ],
    topologies: [topology(8_900), topology(10_103, 'a'), topology(11_400), topology(11_800)],
    sameData: { at: 10_160, count: 2, leader: 'b', replicas: ['c'] },
    brokenView: nobody,
    verdict: judge(soundEvidence),
    left: 0,
    ...changes,
  };
}
