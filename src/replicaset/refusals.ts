import type { NodeStatus } from '../tarantool/node-status.js';

/**
 * A leader that refuses writes while its status claims that it takes them (failover.md S17).
 *
 * Its first refusal in a term costs nothing: the next poll may trust it again. Each further one doubles the time for
 * which its claim is ignored, or every poll would elect it and every request depose it, hundreds of times a second.
 */
export interface Refusals {
  readonly node: string;
  readonly term: number;
  readonly count: number;
  /** Monotonic: until then the claim is ignored. */
  readonly until: number;
}

const firstPauseMs = 50;
/** An operator reads the log in seconds; a leader that is healed waits no longer than that. */
const longestPauseMs = 1_000;
/** Refusals further apart than this are separate incidents. */
const forgottenAfterMs = 10_000;

/** Adds one refusal by a node that claims to lead. */
export function addRefusal(previous: Refusals | null, claim: NodeStatus, now: number): Refusals {
  const repeated =
    previous !== null &&
    previous.node === claim.name &&
    previous.term === claim.term &&
    now - previous.until < forgottenAfterMs;
  const count = repeated ? previous.count + 1 : 1;
  const pauseMs = count === 1 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (count - 2));
  return { node: claim.name, term: claim.term, count, until: now + pauseMs };
}

/** Whether a claim to lead is to be ignored for now. */
export function isDistrusted(claim: NodeStatus, refusals: Refusals | null, now: number): boolean {
  return (
    refusals !== null && refusals.node === claim.name && refusals.term === claim.term && now < refusals.until
  );
}
