import { describe, expect, test } from 'vitest';
import { NodeError, classifyTarantoolError, isNodeErrorCode } from '../../../src/tarantool/errors.js';

describe("Tarantool's error numbers", () => {
  test.each([
    ['READONLY', 7, 'READ_ONLY', 'not-applied'],
    ['SYNC_QUEUE_UNCLAIMED', 227, 'READ_ONLY', 'not-applied'],
    ['SYNC_QUEUE_FOREIGN', 228, 'READ_ONLY', 'not-applied'],
    ['NO_SUCH_PROC', 33, 'NOT_READY', 'not-applied'],
    ['ACCESS_DENIED to a function', 42, 'NOT_READY', 'not-applied'],
    ['LOADING', 116, 'NOT_READY', 'not-applied'],
    ['NO_SUCH_USER', 45, 'ACCESS_DENIED', 'not-applied'],
    ['CREDS_MISMATCH', 47, 'ACCESS_DENIED', 'not-applied'],
    ['TRANSACTION_CONFLICT', 97, 'TRY_AGAIN', 'not-applied'],
    ['MEMORY_ISSUE', 2, 'TRY_AGAIN', 'not-applied'],
    ['SYNC_QUORUM_TIMEOUT', 216, 'QUORUM_UNCONFIRMED', 'unknown'],
    ['SYNC_ROLLBACK', 217, 'QUORUM_UNCONFIRMED', 'unknown'],
    ['PROC_LUA, which may be thrown after a commit', 32, 'NODE_FAILURE', 'unknown'],
    ['a number of a version to come', 9999, 'NODE_FAILURE', 'unknown'],
  ] as const)('%s (%i) means %s, %s', (_, number, code, outcome) => {
    expect(classifyTarantoolError(number)).toEqual({ code, outcome });
  });
});

describe('a node error', () => {
  test('carries what a retry needs', () => {
    const cause = new Error('read ECONNRESET');
    const options = { outcome: 'unknown', node: 'instance001', message: 'Lost', cause } as const;
    const error = new NodeError('CONNECTION_LOST', options);
    expect(error).toMatchObject({ name: 'NodeError', code: 'CONNECTION_LOST', ...options });
  });

  test('has no cause when none is given', () => {
    const error = new NodeError('TIMEOUT', { outcome: 'unknown', node: 'instance001', message: 'Late' });
    expect('cause' in error).toBe(false);
  });

  test('knows its codes from other words', () => {
    expect(['READ_ONLY', 'NODE_FAILURE', 'read_only', 7, undefined].map(isNodeErrorCode)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
