/**
 * Whether a request that failed may have taken effect.
 *
 * - `not-applied`: it has not, and never will: safe to send again to whichever node leads.
 * - `unknown`: it may have been, may be later, or never: only a request id can tell (40 % of the writes that were
 *   unanswered at a SIGKILL had been applied, measured on Tarantool 3.3).
 */
export type Outcome = 'not-applied' | 'unknown';

const nodeErrorCodes = [
  /** No connection stands: the request was never sent. */
  'NOT_CONNECTED',
  /** The connection broke after the request was written. */
  'CONNECTION_LOST',
  /** No answer by the deadline. */
  'TIMEOUT',
  /** The node answered with bytes that are not IPROTO, or with a reply of a shape we do not know. */
  'BAD_REPLY',
  /** Login refused: wrong user or password. */
  'ACCESS_DENIED',
  /** The node is up, but its functions are not there yet: it is loading or has not been set up. */
  'NOT_READY',
  /** The node does not lead, or may not write now. */
  'READ_ONLY',
  /** The node refused for a passing reason of its own: a conflict, memory, a full queue. */
  'TRY_AGAIN',
  /** The node refused a write that reached it after its deadline. */
  'DEADLINE_PASSED',
  /** A write stands in the log, but its quorum did not answer. */
  'QUORUM_UNCONFIRMED',
  /** The node does not have the write of a bookmark yet: another may. */
  'BEHIND',
  /** Anything else a node reports: a defect of ours or of the node. */
  'NODE_FAILURE',
] as const;

export type NodeErrorCode = (typeof nodeErrorCodes)[number];

/** Whether a node's own word for a failure is one that we know. */
export function isNodeErrorCode(code: unknown): code is NodeErrorCode {
  return (nodeErrorCodes as readonly unknown[]).includes(code);
}

/** Why a call on one node failed. Carries all that a retry needs to decide; nobody reads its text. */
export class NodeError extends Error {
  readonly code: NodeErrorCode;
  readonly outcome: Outcome;
  /** Name of the node that was called. */
  readonly node: string;

  constructor(
    code: NodeErrorCode,
    options: { outcome: Outcome; node: string; message: string; cause?: unknown },
  ) {
    super(options.message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'NodeError';
    this.code = code;
    this.outcome = options.outcome;
    this.node = options.node;
  }
}

type Verdict = readonly [code: NodeErrorCode, outcome: Outcome];

/** Numbers and names: Tarantool, src/box/errcode.h. Those above 218 came after 2.6.0; none changed its meaning for us. */
const verdicts: ReadonlyMap<number, Verdict> = new Map<number, Verdict>([
  [2, ['TRY_AGAIN', 'not-applied']], // MEMORY_ISSUE
  [7, ['READ_ONLY', 'not-applied']], // READONLY
  [33, ['NOT_READY', 'not-applied']], // NO_SUCH_PROC: our role has not been applied yet
  [40, ['TRY_AGAIN', 'not-applied']], // WAL_IO: the disk refused; the leader then resigns
  [42, ['NOT_READY', 'not-applied']], // ACCESS_DENIED to a function: its grant has not been replicated yet
  [45, ['ACCESS_DENIED', 'not-applied']], // NO_SUCH_USER
  [47, ['ACCESS_DENIED', 'not-applied']], // CREDS_MISMATCH, or PASSWORD_MISMATCH in 2.6
  [97, ['TRY_AGAIN', 'not-applied']], // TRANSACTION_CONFLICT
  [109, ['TRY_AGAIN', 'not-applied']], // WRONG_SCHEMA_VERSION
  [116, ['NOT_READY', 'not-applied']], // LOADING
  [134, ['TRY_AGAIN', 'not-applied']], // CASCADE_ROLLBACK: behind another write that the disk refused
  [214, ['READ_ONLY', 'not-applied']], // UNCOMMITTED_FOREIGN_SYNC_TXNS
  [216, ['QUORUM_UNCONFIRMED', 'unknown']], // SYNC_QUORUM_TIMEOUT
  [217, ['QUORUM_UNCONFIRMED', 'unknown']], // SYNC_ROLLBACK: final or a cascade behind 216, it does not say which
  [225, ['TRY_AGAIN', 'not-applied']], // TXN_ROLLBACK
  [226, ['READ_ONLY', 'not-applied']], // NOT_LEADER
  [227, ['READ_ONLY', 'not-applied']], // SYNC_QUEUE_UNCLAIMED
  [228, ['READ_ONLY', 'not-applied']], // SYNC_QUEUE_FOREIGN
  [231, ['TRY_AGAIN', 'not-applied']], // TRANSACTION_TIMEOUT
  [274, ['NOT_READY', 'not-applied']], // UNCONFIGURED
  [287, ['TRY_AGAIN', 'not-applied']], // WAL_QUEUE_FULL
  [289, ['TRY_AGAIN', 'not-applied']], // SYNC_QUEUE_FULL
  [295, ['QUORUM_UNCONFIRMED', 'unknown']], // SYNC_TIMEOUT
]);

/**
 * What an error number of Tarantool means for a retry. A number that is not in the table is taken for a defect with an
 * unknown outcome: code 32, say, is any `error()` in Lua, thrown before or after a commit.
 */
export function classifyTarantoolError(number: number): { code: NodeErrorCode; outcome: Outcome } {
  const [code, outcome] = verdicts.get(number) ?? ['NODE_FAILURE', 'unknown'];
  return { code, outcome };
}
