import { describe, expect, test } from 'vitest';
import {
  type Paper,
  type Point,
  drawStreams,
  paperFor,
  placeNodes,
} from '../../../web/console/state/drawing.js';
import { follow, node, topology } from './changes.js';

const overlap = (a: Point, b: Point, { nodeWidth, nodeHeight }: Paper): boolean =>
  Math.abs(a.x - b.x) < nodeWidth && Math.abs(a.y - b.y) < nodeHeight;

describe.each(['wide', 'narrow'] as const)('on a %s screen', (screen) => {
  test.each([1, 2, 3, 5, 7])('%s nodes stand apart from each other, and within the paper', (count) => {
    const paper = paperFor(count, screen);
    const places = placeNodes(count, paper);
    expect(places).toHaveLength(count);
    for (const [index, place] of places.entries()) {
      expect(place.x).toBeGreaterThanOrEqual(paper.nodeWidth / 2);
      expect(place.x).toBeLessThanOrEqual(paper.width - paper.nodeWidth / 2);
      expect(place.y).toBeGreaterThanOrEqual(paper.nodeHeight / 2);
      expect(place.y).toBeLessThanOrEqual(paper.height - paper.nodeHeight / 2);
      for (const other of places.slice(index + 1)) expect(overlap(place, other, paper)).toBe(false);
    }
  });
});

const leaders = [3, 5, 7].flatMap((count) =>
  Array.from({ length: count }, (_, index) => ({ names: 'abcdefg'.slice(0, count).split(''), index })),
);

test.each(leaders)(
  'on a wide screen the lags of the leader are told and hide nothing: %j',
  ({ names, index }) => {
    const paper = paperFor(names.length, 'wide');
    const streams = drawStreams(topology(names, { leader: { name: names[index] ?? '' } }), paper);
    const labels = streams.flatMap(({ label }) => (label === null ? [] : [label]));
    const told = streams.filter(({ isFromLeader, label }) => isFromLeader && label !== null);
    expect(told.length).toBeGreaterThanOrEqual(names.length - 2);
    const text = { ...paper, nodeWidth: 44, nodeHeight: 14 };
    for (const [at, label] of labels.entries()) {
      for (const other of labels.slice(at + 1)) expect(overlap(label, other, text)).toBe(false);
      for (const place of placeNodes(names.length, paper)) {
        const both = {
          ...paper,
          nodeWidth: (paper.nodeWidth + 44) / 2,
          nodeHeight: (paper.nodeHeight + 14) / 2,
        };
        expect(overlap(label, place, both)).toBe(false);
      }
    }
  },
);

test.each([
  [['a', 'b', 'c'], true],
  [['a', 'b', 'c', 'd', 'e'], false],
])('on a narrow screen there is room for the lags of %j: %s', (names, isRoom) => {
  const streams = drawStreams(topology(names), paperFor(names.length, 'narrow'));
  expect(streams.some(({ label }) => label !== null)).toBe(isRoom);
});

describe('the streams', () => {
  const names = ['a', 'b', 'c'];
  const paper = paperFor(3, 'wide');
  const between = (from: string, to: string, of = topology(names)) =>
    drawStreams(of, paper).find((stream) => stream.from === from && stream.to === to);

  test('run both ways between each pair, side by side', () => {
    expect(drawStreams(topology(names), paper)).toHaveLength(6);
    expect(between('a', 'b')?.start).not.toEqual(between('b', 'a')?.end);
  });

  test('tell the lag that the receiver sees, and whether the leader sends', () => {
    expect(between('a', 'b')).toMatchObject({ state: 'follows', lag: 0.001, isFromLeader: true });
    expect(between('b', 'a')).toMatchObject({ isFromLeader: false });
  });

  test('among many nodes are faint unless the leader sends them', () => {
    const of = topology(['a', 'b', 'c', 'd', 'e']);
    expect([between('a', 'b', of)?.isMinor, between('b', 'c', of)?.isMinor]).toEqual([false, true]);
    expect(between('b', 'c')?.isMinor).toBe(false);
  });

  test('to a node that is silent are told by the sender', () => {
    const stopped = { status: 'stopped', lag: null, message: 'gone' };
    const dead = node('b', [], { role: 'UNREACHABLE', reachable: false });
    const sender = node('a', [], {
      replication: [{ peer: 'b', upstream: { ...stopped, status: 'disconnected' }, downstream: stopped }],
    });
    const state = topology(['a', 'b'], { nodes: [sender, dead] });
    expect(between('a', 'b', state)).toMatchObject({ state: 'broken', lag: null });
    expect(between('b', 'a', state)).toMatchObject({ state: 'broken', lag: null });
  });

  test('between two silent nodes are not known', () => {
    const state = topology(names, { nodes: [node('a', []), node('b', []), node('c', [])] });
    expect(between('b', 'c', state)).toMatchObject({ state: 'unknown' });
  });

  test('that are being joined are neither well nor broken', () => {
    const joining = { peer: 'a', upstream: { ...follow(), status: 'sync' }, downstream: null };
    const state = topology(['a', 'b'], { nodes: [node('a', []), node('b', [], { replication: [joining] })] });
    expect(between('a', 'b', state)).toMatchObject({ state: 'other', lag: null });
  });
});
