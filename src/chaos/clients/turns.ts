import type { History, Outcome } from '../../trial/history.js';
import type { Action } from '../action.js';
import type { EmployeesApi } from '../../trial/employees-api.js';

/** What every client works with. */
export interface Workshop {
  readonly api: EmployeesApi;
  readonly history: History<Action>;
  readonly random: () => number;
  /** Aborted when no client is to begin anything more. */
  readonly signal: AbortSignal;
}

/** Enough for several failovers in a row: each try has the whole time of a request. */
const tries = 5;

/**
 * Repeats a write with the same idempotency key until its outcome is known, as docs/errors.md tells clients to; the last
 * word after some tries.
 */
export async function untilKnown(write: () => Promise<Outcome>): Promise<Outcome> {
  let outcome = await write();
  for (let left = tries; left > 0 && outcome.kind === 'unknown'; left -= 1) {
    const next = await write();
    // That the repetition was not applied says nothing of the first attempt.
    if (next.kind === 'ok' || next.kind === 'refused') outcome = next;
  }
  return outcome;
}
