import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type RegisterAction,
  type RegisterOperation,
  checkRegister,
} from '../../../src/chaos/linearizability.js';
import { describeViolation } from '../../../src/chaos/explain.js';
import type { Outcome } from '../../../src/trial/history.js';

/**
 * One operation: `0-10 w1 ok`, `5-8 r1`, `0-4 c1>2 ok`, and in place of `ok`: `?` for one in doubt, `no` for a
 * compare-and-set that found another value, `failed` for one that was not applied.
 */
function operation(text: string): RegisterOperation {
  const [times = '', what = '', result = 'ok'] = text.split(' ');
  const [from = 0, to = 0] = times.split('-').map(Number);
  const [value = 0, next = 0] = what.slice(1).split('>').map(Number);
  const actions: Record<string, RegisterAction> = {
    r: { kind: 'read' },
    w: { kind: 'write', value },
    c: { kind: 'compare-and-set', expected: value, value: next },
  };
  const outcomes: Record<string, Outcome> = {
    ok: { kind: 'ok', value: what.startsWith('c') ? next : value },
    no: { kind: 'refused', code: 'EMPLOYEE_CHANGED' },
    failed: { kind: 'failed', code: 'CLUSTER_UNAVAILABLE' },
    '?': { kind: 'unknown', code: 'OUTCOME_UNKNOWN' },
  };
  return {
    client: 'A',
    action: actions[what.charAt(0)] ?? { kind: 'read' },
    invokedAt: from,
    completedAt: to,
    outcome: outcomes[result] ?? { kind: 'unknown', code: '' },
  };
}

const check = (...texts: readonly string[]) => checkRegister(texts.map(operation), 0);

describe('A register is linearizable when', () => {
  test.each([
    ['nothing was done', []],
    ['reads see the last write', ['0-1 w1', '2-3 r1', '4-5 w2', '6-7 r2']],
    ['a read during a write sees the old value', ['0-10 w1', '2-3 r0']],
    ['a read during a write sees the new one', ['0-10 w1', '2-3 r1', '4-5 r1']],
    ['a write in doubt was applied', ['0-1 w1 ?', '2-3 r1']],
    ['a write in doubt was not applied', ['0-1 w1 ?', '2-3 r0']],
    ['a write in doubt was applied much later', ['0-1 w1 ?', '2-3 r0', '4-5 w2', '6-7 r2', '8-9 r1']],
    ['a compare-and-set found what it expected', ['0-1 w1', '2-3 c1>2', '4-5 r2']],
    ['a compare-and-set found something else', ['0-1 w1', '2-3 c0>2 no', '4-5 r1']],
    ['a compare-and-set in doubt was applied', ['0-1 c0>1 ?', '2-3 r1']],
    ['what failed was not applied', ['0-1 w1 failed', '2-3 r0']],
    ['two writes crossed', ['0-10 w1', '0-10 w2', '11-12 r1']],
  ])('%s', (_, texts) => {
    expect(check(...texts)).toEqual({ kind: 'linearizable' });
  });
});

describe('A register is not linearizable when', () => {
  test.each([
    ['an acknowledged write is lost', ['0-1 w1', '2-3 r0'], '2-3 r0'],
    ['a read goes back behind another', ['0-10 w1', '2-3 r1', '4-5 r0'], '4-5 r0'],
    ['what failed was applied', ['0-1 w1 failed', '2-3 r1'], '2-3 r1'],
    ['a value comes from nowhere', ['0-1 w1', '2-3 r7'], '2-3 r7'],
    ['a write in doubt is applied before its begin', ['0-1 r1', '2-3 w1 ?'], '0-1 r1'],
    ['a write in doubt is applied twice', ['0-1 w1 ?', '2-3 r1', '4-5 w2', '6-7 r1'], '6-7 r1'],
    ['two compare-and-sets both won', ['0-10 c0>1', '0-9 c0>2'], '0-10 c0>1'],
    ['a compare-and-set was refused for nothing', ['0-1 w1', '2-3 c1>2 no'], '2-3 c1>2 no'],
    ['a compare-and-set was applied and refused', ['0-1 c0>1 no', '2-3 r1'], '0-1 c0>1 no'],
    ['a stale compare-and-set won', ['0-1 w1', '2-3 w2', '4-5 c1>3'], '4-5 c1>3'],
  ])('%s', (_, texts, culprit) => {
    expect(check(...texts)).toMatchObject({ kind: 'violated', culprit: operation(culprit) });
  });

  test('and it says so in words', () => {
    const operations = ['0-1 w1', '2-3 w2 ?', '4-5 c1>3', '6-7 r1'].map(operation);
    const verdict = checkRegister(operations, 0);
    expect(verdict.kind === 'violated' && describeViolation('register 4', operations, verdict)).toBe(
      [
        'register 4: no order explains the last of these; before it, the value could be 3',
        '    2.0 to 3.0 ms  A  write 2: OUTCOME_UNKNOWN',
        '    0.0 to 1.0 ms  A  write 1: ok',
        '    4.0 to 5.0 ms  A  set 3 if it is 1: ok',
        '    6.0 to 7.0 ms  A  read: ok 1',
      ].join('\n'),
    );
  });
});

/** Clients that work at once on one register that is as it should be: each operation takes effect between its ends. */
const lives = fc.array(
  fc.record({
    gap: fc.integer({ min: 0, max: 4 }),
    before: fc.integer({ min: 0, max: 6 }),
    after: fc.integer({ min: 0, max: 6 }),
    kind: fc.constantFrom('read', 'read', 'write', 'compare-and-set' as const),
    guess: fc.integer({ min: 0, max: 3 }),
    fate: fc.constantFrom('told', 'told', 'told', 'in doubt, applied', 'in doubt, not applied', 'failed'),
  }),
  { maxLength: 400 },
);

function live(plan: typeof lives extends fc.Arbitrary<infer T> ? T : never): RegisterOperation[] {
  let state = 0;
  let moment = 0;
  const values = [0];
  return plan.map(({ gap, before, after, kind, guess, fate }, index) => {
    moment += gap + 0.001;
    const times = { client: 'A', invokedAt: moment - before, completedAt: moment + after };
    const value = index + 1;
    const expected = values.at(-1 - guess) ?? 0;
    const isApplied = fate === 'told' || fate === 'in doubt, applied';
    const fits = kind === 'write' || (kind === 'compare-and-set' && expected === state);
    const told: Outcome =
      kind === 'read'
        ? { kind: 'ok', value: state }
        : fits
          ? { kind: 'ok', value }
          : { kind: 'refused', code: 'EMPLOYEE_CHANGED' };
    if (fits && isApplied) {
      state = value;
      values.push(value);
    }
    const outcome: Outcome =
      fate === 'told'
        ? told
        : fate === 'failed'
          ? { kind: 'failed', code: 'CLUSTER_UNAVAILABLE' }
          : { kind: 'unknown', code: 'OUTCOME_UNKNOWN' };
    const action: RegisterAction =
      kind === 'read'
        ? { kind: 'read' }
        : kind === 'write'
          ? { kind: 'write', value }
          : { kind: 'compare-and-set', expected, value };
    return { ...times, action, outcome };
  });
}

describe('Whatever clients do', () => {
  test('a register that is as it should be is found so, with hundreds of operations', () => {
    const property = fc.property(lives, (plan) => {
      expect(checkRegister(live(plan), 0)).toEqual({ kind: 'linearizable' });
    });
    fc.assert(property, { numRuns: 100 });
  });

  test('a read of a value that was overwritten before its begin is found', () => {
    const property = fc.property(lives, (plan) => {
      const operations = live(plan);
      const end = Math.max(0, ...operations.map(({ completedAt }) => completedAt ?? 0));
      const late = (from: number, what: Partial<RegisterOperation>): RegisterOperation => ({
        client: 'B',
        action: { kind: 'write', value: -1 },
        invokedAt: end + from,
        completedAt: end + from + 1,
        outcome: { kind: 'ok', value: -1 },
        ...what,
      });
      const stale = late(4, { action: { kind: 'read' }, outcome: { kind: 'ok', value: -1 } });
      const all = [...operations, late(0, {}), late(2, { action: { kind: 'write', value: -2 } }), stale];
      expect(checkRegister(all, 0)).toMatchObject({ kind: 'violated', culprit: stale });
    });
    fc.assert(property, { numRuns: 50 });
  });
});
