import { describe, expect, test } from 'vitest';
import { NodeError } from '../../../src/tarantool/errors.js';
import { parseReply } from '../../../src/tarantool/reply.js';

function failureOf(value: unknown): NodeError {
  try {
    parseReply(value, 'instance001');
  } catch (error) {
    if (error instanceof NodeError) return error;
  }
  throw new Error('It is a reply');
}

describe('a reply', () => {
  test('is returned with all its fields when it is final', () => {
    const done = { status: 'ok', rows: [{ id: 1 }] };
    const rejected = { status: 'rejected', code: 'EMPLOYEE_EXISTS', id: 1 };
    expect(parseReply(done, 'instance001')).toEqual(done);
    expect(parseReply(rejected, 'instance001')).toEqual(rejected);
  });

  test('becomes an error with the outcome that its status names', () => {
    const notApplied = { status: 'not_applied', code: 'READ_ONLY', message: 'instance001 does not lead' };
    expect(failureOf(notApplied)).toMatchObject({
      code: 'READ_ONLY',
      outcome: 'not-applied',
      node: 'instance001',
      message: 'instance001 does not lead',
    });
    const unknown = { status: 'unknown', code: 'QUORUM_UNCONFIRMED', message: 'No quorum' };
    expect(failureOf(unknown)).toMatchObject({ code: 'QUORUM_UNCONFIRMED', outcome: 'unknown' });
  });

  test('keeps its outcome when its code is one that we do not know', () => {
    expect(failureOf({ status: 'not_applied', code: 'MOON_FULL', message: 'Later' })).toMatchObject({
      code: 'NODE_FAILURE',
      outcome: 'not-applied',
      message: 'Later (code "MOON_FULL")',
    });
    expect(failureOf({ status: 'unknown' })).toMatchObject({ code: 'NODE_FAILURE', outcome: 'unknown' });
  });

  test.each([
    ['nothing', undefined, 'The node answered with nothing instead of a map'],
    ['nil', null, 'The node answered with nothing instead of a map'],
    ['a text', 'ok', 'The node answered with a string instead of a map'],
    ['an array', ['ok'], 'The node answered with an array instead of a map'],
    ['an empty map', {}, 'The node answered with status undefined'],
    ['a status of its own', { status: 'fine' }, 'The node answered with status "fine"'],
    [
      'a rejection without a code',
      { status: 'rejected' },
      'The node answered with a rejection without a code',
    ],
  ])('that is %s is a bad one, and its outcome unknown', (_, value, message) => {
    expect(failureOf(value)).toMatchObject({ code: 'BAD_REPLY', outcome: 'unknown', message });
  });
});
