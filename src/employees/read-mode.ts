import { BadInputError } from '../bad-input.js';
import type { ReadTarget } from '../replicaset/replica-set.js';
import { decodeBookmark, type Bookmark } from './bookmark.js';
import type { ReadOptions } from './employee.query.js';

/**
 * What the node that is asked must make sure of before it answers.
 *
 * | assurance | meaning |
 * | --- | --- |
 * | `leader` | it leads, and what it shows stands on a majority |
 * | `linearizable` | the same, and a majority has said so since it was asked |
 * | `any` | nothing of the kind: it answers with what it has |
 */
export type Assurance = 'leader' | 'linearizable' | 'any';

/** From whom, and how fresh, an answer is wanted. */
export interface ReadMode {
  readonly target: ReadTarget;
  readonly assurance: Assurance;
  /** The write that the answer must include; null also where every acknowledged write is. */
  readonly bookmark: Bookmark | null;
}

const leaderMode: ReadMode = { target: { kind: 'leader' }, assurance: 'leader', bookmark: null };
const linearizableMode: ReadMode = { ...leaderMode, assurance: 'linearizable' };

/** Whether a node of that name exists is for the replica set to say. @throws BadInputError */
export function parseReadMode(read: ReadOptions | null | undefined): ReadMode {
  const consistency = read?.consistency ?? 'LEADER';
  const bookmark = read?.bookmark == null ? null : decodeBookmark(read.bookmark, 'read.bookmark');
  if (read?.node != null) {
    if (consistency === 'LINEARIZABLE') {
      throw new BadInputError('read.node', 'must not be given together with consistency LINEARIZABLE');
    }
    return { target: { kind: 'node', name: read.node }, assurance: 'any', bookmark };
  }
  switch (consistency) {
    case 'LEADER':
      return leaderMode;
    case 'LINEARIZABLE':
      return linearizableMode;
    case 'REPLICA':
      return { target: { kind: 'replica' }, assurance: 'any', bookmark };
    default:
      return consistency satisfies never;
  }
}

/** The same text for the same mode: answers in different modes may differ. */
export function keyOfReadMode({ target, assurance, bookmark }: ReadMode): string {
  // The usual one.
  if (target.kind === 'leader' && bookmark === null) return assurance;
  const node = target.kind === 'node' ? target.name : null;
  return JSON.stringify([target.kind, node, assurance, bookmark?.requestId, bookmark?.appliedAt]);
}
