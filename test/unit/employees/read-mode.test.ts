import { expect, test } from 'vitest';
import { encodeBookmark } from '../../../src/employees/bookmark.js';
import { parseReadMode } from '../../../src/employees/read-mode.js';

const bookmark = { requestId: 'abc', appliedAt: 5 };
const text = encodeBookmark(bookmark);
const onLeader = { target: { kind: 'leader' }, assurance: 'leader', bookmark: null };
const proved = { ...onLeader, assurance: 'linearizable' };
const onReplica = { target: { kind: 'replica' }, assurance: 'any', bookmark: null };
const onNode = { target: { kind: 'node', name: 'instance002' }, assurance: 'any', bookmark: null };

test.each([
  [undefined, onLeader],
  [null, onLeader],
  [{}, onLeader],
  [{ consistency: null, node: null, bookmark: null }, onLeader],
  [{ consistency: 'LEADER' }, onLeader],
  [{ consistency: 'LINEARIZABLE' }, proved],
  [{ consistency: 'REPLICA' }, onReplica],
  [{ node: 'instance002' }, onNode],
  [{ node: 'instance002', consistency: 'LEADER' }, onNode],
  [{ node: 'instance002', consistency: 'REPLICA' }, onNode],
  // A leader has every write that was answered: nothing is left to wait for.
  [{ bookmark: text }, onLeader],
  [{ consistency: 'LINEARIZABLE', bookmark: text }, proved],
  [
    { consistency: 'REPLICA', bookmark: text },
    { ...onReplica, bookmark },
  ],
  [
    { node: 'instance002', bookmark: text },
    { ...onNode, bookmark },
  ],
] as const)('%j asks for %j', (read, mode) => {
  expect(parseReadMode(read)).toEqual(mode);
});

test.each([
  [{ node: 'instance002', consistency: 'LINEARIZABLE' }, 'read.node'],
  [{ bookmark: 'x' }, 'read.bookmark'],
  [{ consistency: 'LINEARIZABLE', bookmark: '' }, 'read.bookmark'],
  [{ consistency: 'REPLICA', bookmark: `${text}A` }, 'read.bookmark'],
] as const)('%j is refused for its %s', (read, field) => {
  expect(() => parseReadMode(read)).toThrow(expect.objectContaining({ name: 'BadInputError', field }));
});
