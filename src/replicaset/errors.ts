import { transferMessages, type TransferRefusal } from './transfer-refusals.js';

/** Nobody led until the deadline, or the addressed node did not answer. Nothing was applied, nothing will be. */
export class ClusterUnavailableError extends Error {
  override readonly name = 'ClusterUnavailableError';
  /** Highest term known. */
  readonly term: number;
  readonly lastLeader: string | null;
  readonly waitedMs: number;

  /** `summary` says what was missing. It reaches clients: names of nodes and numbers, no text from below. */
  constructor(options: {
    summary: string;
    term: number;
    lastLeader: string | null;
    waitedMs: number;
    cause?: unknown;
  }) {
    const { summary, term, lastLeader } = options;
    const since = lastLeader === null ? 'no leader seen yet' : `last leader ${lastLeader}`;
    super(`${summary} (term ${term}, ${since})`, options.cause === undefined ? {} : { cause: options.cause });
    this.term = term;
    this.lastLeader = lastLeader;
    this.waitedMs = options.waitedMs;
  }
}

/** A write was sent, and until its deadline nobody said whether it took effect. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
  /** Name of the node it was sent to. */
  readonly node: string;

  constructor(options: { message: string; node: string; cause?: unknown }) {
    super(options.message, options.cause === undefined ? {} : { cause: options.cause });
    this.node = options.node;
  }
}

/** Too many requests wait, or are under way. Nothing was applied. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

/** The client went away before its request was sent, or before it was repeated. Nothing was applied. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}

/** The gateway is stopping. Nothing was applied. */
export class StoppingError extends Error {
  override readonly name = 'StoppingError';
}

/** Leadership is not handed to a node. Nothing was done, unless the reason is `NOT_ELECTED`. */
export class TransferRefusedError extends Error {
  override readonly name = 'TransferRefusedError';
  readonly reason: TransferRefusal;
  readonly to: string;
  /** Who leads, as far as is known. */
  readonly leader: string | null;

  /** The message reaches clients. */
  constructor(options: { reason: TransferRefusal; to: string; leader: string | null; rowsBehind?: number }) {
    super(transferMessages[options.reason](options));
    this.reason = options.reason;
    this.to = options.to;
    this.leader = options.leader;
  }
}

/** Leadership was to be handed to a node, and until the deadline nobody said what became of that. */
export class TransferUnconfirmedError extends Error {
  override readonly name = 'TransferUnconfirmedError';
  readonly to: string;

  constructor(to: string, options: { cause?: unknown } = {}) {
    super(`Whether leadership was handed to ${to} is not known`, options);
    this.to = to;
  }
}

/** A request named a node that the replica set does not have. */
export class UnknownNodeError extends Error {
  override readonly name = 'UnknownNodeError';
  readonly node: string;
  readonly knownNodes: readonly string[];

  constructor(node: string, knownNodes: readonly string[]) {
    super(`No node is named ${JSON.stringify(node)}; the replica set has ${knownNodes.join(', ')}`);
    this.node = node;
    this.knownNodes = knownNodes;
  }
}
