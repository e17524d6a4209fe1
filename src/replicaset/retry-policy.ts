import type { NodeErrorCode } from '../tarantool/errors.js';

/** A call that failed on one node. */
export interface Failure {
  readonly code: NodeErrorCode;
  /** Counts the calls of this request, from 1. */
  readonly attempt: number;
  readonly timeLeftMs: number;
}

/**
 * | verdict | meaning |
 * | --- | --- |
 * | `repeat` | after the pause, on whichever node is the right one by then; wait for one if there is none |
 * | `expired` | time is up |
 * | `defect` | repeating it has not helped: the node's error is the answer |
 */
export type Verdict =
  | { readonly kind: 'repeat'; readonly pauseMs: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'defect' };

const longestPauseMs = 50;
/** A node that dies may report odd errors for some milliseconds; one that still does at the fifth call has a defect. */
const attemptsAtDefect = 5;

/** What a failure says about another attempt. */
const remedies = {
  // The node, or its connection, cannot do it now: another leads soon, or this one can again.
  READ_ONLY: 'repeat',
  CONNECTION_LOST: 'repeat',
  NOT_CONNECTED: 'repeat',
  NOT_READY: 'repeat',
  TRY_AGAIN: 'repeat',
  QUORUM_UNCONFIRMED: 'repeat',
  // Another replica may have it, and the leader has.
  BEHIND: 'repeat',
  // Users and passwords reach a node that was just set up a moment after its port.
  ACCESS_DENIED: 'repeat',
  // Both mean that the deadline has come. A node whose clock is ahead says it too early, and would say it again.
  TIMEOUT: 'give up',
  DEADLINE_PASSED: 'give up',
  BAD_REPLY: 'repeat a few times',
  NODE_FAILURE: 'repeat a few times',
} as const satisfies Record<NodeErrorCode, string>;

/**
 * Decides what follows a failed call. A write of unknown outcome is repeated like any other, for a repetition is no
 * second write: it has the same request id, and the node that gets it, the same leader or a later one, either finds the
 * outcome of the first or is the first. What may have been applied only changes what the client hears at the end.
 */
export function decideRetry({ code, attempt, timeLeftMs }: Failure): Verdict {
  const remedy = remedies[code];
  if (remedy === 'repeat a few times' && attempt >= attemptsAtDefect) return { kind: 'defect' };
  if (remedy === 'give up' || timeLeftMs <= 0) return { kind: 'expired' };
  return { kind: 'repeat', pauseMs: pauseMs(attempt) };
}

/** None before the first repetition, since another node may lead already; then 1, 2, 4 ms and so on. */
function pauseMs(attempt: number): number {
  return attempt === 1 ? 0 : Math.min(longestPauseMs, 2 ** (attempt - 2));
}
