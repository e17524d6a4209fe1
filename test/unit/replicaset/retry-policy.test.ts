import { describe, expect, it } from 'vitest';
import { decideRetry, type Verdict } from '../../../src/replicaset/retry-policy.js';
import type { NodeErrorCode } from '../../../src/tarantool/errors.js';

/** Every error there is, at a first attempt with time left. */
const table = {
  NOT_CONNECTED: 'repeat',
  CONNECTION_LOST: 'repeat',
  TIMEOUT: 'expired',
  BAD_REPLY: 'repeat',
  ACCESS_DENIED: 'repeat',
  NOT_READY: 'repeat',
  READ_ONLY: 'repeat',
  TRY_AGAIN: 'repeat',
  DEADLINE_PASSED: 'expired',
  QUORUM_UNCONFIRMED: 'repeat',
  BEHIND: 'repeat',
  NODE_FAILURE: 'repeat',
} as const satisfies Record<NodeErrorCode, Verdict['kind']>;
const isCode = (text: string): text is NodeErrorCode => text in table;
const rows = Object.keys(table)
  .filter(isCode)
  .map((code) => ({ code, follows: table[code] }));

describe('what follows a failed call', () => {
  it.each(rows)('$code with time left: $follows', ({ code, follows }) => {
    expect(decideRetry({ code, attempt: 1, timeLeftMs: 1_000 }).kind).toBe(follows);
  });

  it.each(rows)('nothing that met $code is repeated when no time is left', ({ code }) => {
    for (const timeLeftMs of [0, -5]) {
      expect(decideRetry({ code, attempt: 2, timeLeftMs })).toEqual({ kind: 'expired' });
    }
  });

  it('repeats at once, then after pauses that double to 50 ms', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000].map((attempt) => {
      const verdict = decideRetry({ code: 'TRY_AGAIN', timeLeftMs: 1_000, attempt });
      return verdict.kind === 'repeat' ? verdict.pauseMs : null;
    });
    expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 32, 50, 50, 50]);
  });

  it.each(['BAD_REPLY', 'NODE_FAILURE'] as const)('takes %s for a defect when it does not pass', (code) => {
    const verdicts = [1, 2, 3, 4, 5, 6].map(
      (attempt) => decideRetry({ code, attempt, timeLeftMs: 1_000 }).kind,
    );
    expect(verdicts).toEqual(['repeat', 'repeat', 'repeat', 'repeat', 'defect', 'defect']);
  });
});
