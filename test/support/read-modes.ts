import type { ReadMode } from '../../src/employees/read-mode.js';

/** What a read without options asks for. */
export const leaderMode: ReadMode = { target: { kind: 'leader' }, assurance: 'leader', bookmark: null };
/** A read on any follower. */
export const replicaMode: ReadMode = { target: { kind: 'replica' }, assurance: 'any', bookmark: null };
/** A read on one node. */
export const nodeMode = (name: string): ReadMode => ({
  target: { kind: 'node', name },
  assurance: 'any',
  bookmark: null,
});
