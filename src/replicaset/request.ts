import type { NodeError } from '../tarantool/errors.js';
import { ClusterUnavailableError, OutcomeUnknownError } from './errors.js';
import type { CancelSignal, ReadTarget } from './replica-set.js';
import type { BufferedRequest } from './request-buffer.js';
import type { Ending } from './request-ledger.js';
import type { ReplicaSetView } from './view.js';

/** One request through all of its attempts. */
export interface Request {
  readonly kind: 'read' | 'write';
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly target: ReadTarget;
  readonly startedAt: number;
  readonly deadlineAt: number;
  readonly signal: CancelSignal | null;
  readonly onAnsweredBy: (node: string) => void;
  attempts: number;
  /** Once it was let in, it keeps its place, whatever becomes of its attempts. */
  standing: BufferedRequest['standing'];
  lastFailure: NodeError | null;
  /** The first failure after which a write may have been applied. */
  doubt: NodeError | null;
}

/** Why a request ends without a reply, and what its client is to hear. */
export class Failed extends Error {
  readonly ending: Exclude<Ending, 'completed'>;
  readonly error: Error;

  /** A doubt wins over whatever came after it. */
  constructor(ending: Exclude<Ending, 'completed'>, error: Error, { doubt }: Request) {
    super(error.message);
    this.ending = ending;
    this.error =
      doubt === null
        ? error
        : new OutcomeUnknownError({
            message: `${doubt.node} did not say whether the write took effect`,
            node: doubt.node,
            cause: error,
          });
  }
}

/** What was missing when the deadline of a request came. */
export function whatWasMissing(
  { startedAt, deadlineAt }: Request,
  { state, leader }: ReplicaSetView,
): string {
  const budget = `${Math.round(deadlineAt - startedAt)} ms`;
  if (leader !== null) return `No answer within ${budget}`;
  return state === 'split'
    ? `No leader within ${budget}: two nodes claim to be it`
    : `No leader within ${budget}`;
}

/** That nothing could be done, with what is known of the replica set at `now` (monotonic). */
export function unavailable(
  summary: string,
  { startedAt, lastFailure }: Request,
  { view, now }: { view: ReplicaSetView; now: number },
): ClusterUnavailableError {
  return new ClusterUnavailableError({
    summary,
    term: view.term,
    lastLeader: view.leader ?? view.previousLeader,
    waitedMs: Math.round(now - startedAt),
    cause: lastFailure ?? undefined,
  });
}

/** For a write that a node refuses as late while there is time left. */
export const clocksDisagree = (node: string, timeLeftMs: number): string =>
  `${node} took the deadline for passed ${Math.round(timeLeftMs)} ms too early: its clock is ahead of this gateway's`;
