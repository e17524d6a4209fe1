import { describe, expect, it } from 'vitest';
import { decideRetry, type Verdict } from '../../../src/replicaset/retry-policy.js';
import type { NodeErrorCode, Outcome } from '../../../src/tarantool/errors.js';

/** Every error there is, at a first attempt with time left: what a read hears, and a write that was not applied. */
const table = {
  NOT_CONNECTED: 'repeat',
  CONNECTION_LOST: 'repeat',
  TIMEOUT: 'unavailable',
  BAD_REPLY: 'repeat',
  ACCESS_DENIED: 'repeat',
  NOT_READY: 'repeat',
  READ_ONLY: 'repeat',
  TRY_AGAIN: 'repeat',
  DEADLINE_PASSED: 'unavailable',
  QUORUM_UNCONFIRMED: 'repeat',
  BEHIND: 'repeat',
  NODE_FAILURE: 'repeat',
} as const satisfies Record<NodeErrorCode, Verdict['kind']>;
const isCode = (text: string): text is NodeErrorCode => text in table;
const rows = Object.keys(table)
  .filter(isCode)
  .map((code) => ({ code, follows: table[code] }));
const outcomes: readonly Outcome[] = ['not-applied', 'unknown'];
const first = { attempt: 1, timeLeftMs: 1_000 };

describe('what follows a failed call', () => {
  it.each(rows)('a write that met $code and was not applied: $follows', ({ code, follows }) => {
    expect(decideRetry({ kind: 'write', code, outcome: 'not-applied', ...first }).kind).toBe(follows);
  });

  it.each(rows)('a write that met $code and may have been applied is never repeated', ({ code }) => {
    for (const timeLeftMs of [1_000, 0, -1]) {
      for (const attempt of [1, 2, 100]) {
        const verdict = decideRetry({ kind: 'write', code, outcome: 'unknown', attempt, timeLeftMs });
        expect(verdict).toEqual({ kind: 'unknown' });
      }
    }
  });

  it.each(rows)('a read that met $code, whatever the outcome: $follows', ({ code, follows }) => {
    for (const outcome of outcomes)
      expect(decideRetry({ kind: 'read', code, outcome, ...first }).kind).toBe(follows);
  });

  it.each(rows)('nothing that met $code is repeated when no time is left', ({ code }) => {
    for (const timeLeftMs of [0, -5]) {
      const failure = { code, outcome: 'not-applied', attempt: 2, timeLeftMs } as const;
      expect(decideRetry({ kind: 'read', ...failure })).toEqual({ kind: 'unavailable' });
      expect(decideRetry({ kind: 'write', ...failure })).toEqual({ kind: 'unavailable' });
    }
  });

  it('repeats at once, then after pauses that double to 50 ms', () => {
    const failure = { kind: 'write', code: 'TRY_AGAIN', outcome: 'not-applied', timeLeftMs: 1_000 } as const;
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000].map((attempt) => {
      const verdict = decideRetry({ ...failure, attempt });
      return verdict.kind === 'repeat' ? verdict.pauseMs : null;
    });
    expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 32, 50, 50, 50]);
  });

  it.each(['BAD_REPLY', 'NODE_FAILURE'] as const)('takes %s for a defect when it does not pass', (code) => {
    const verdicts = [1, 2, 3, 4, 5, 6].map(
      (attempt) => decideRetry({ kind: 'read', code, outcome: 'unknown', attempt, timeLeftMs: 1_000 }).kind,
    );
    expect(verdicts).toEqual(['repeat', 'repeat', 'repeat', 'repeat', 'defect', 'defect']);
  });
});
