import { GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { BadInputError } from '../../../src/bad-input.js';
import {
  EmployeeExistsError,
  EmployeeNotFoundError,
  IdempotencyKeyReusedError,
  IdsExhaustedError,
  MutationOutcomeUnknownError,
  ScanUnfinishedError,
} from '../../../src/employees/employee.errors.js';
import { formatError, internalCauseOf } from '../../../src/http/format-error.js';
import {
  ClusterUnavailableError,
  OutcomeUnknownError,
  OverloadedError,
  StoppingError,
  TransferRefusedError,
  TransferUnconfirmedError,
  UnknownNodeError,
} from '../../../src/replicaset/errors.js';

const secret = 'connect ECONNREFUSED admin:hunter2@10.0.0.7:3301';

/** As GraphQL hands on what a resolver threw. */
function thrownByResolver(originalError: Error): GraphQLError {
  return new GraphQLError(originalError.message, { originalError, path: ['employee'] });
}
const format = (error: GraphQLError) => formatError(error.toJSON(), error);

describe('an error that clients are to know', () => {
  test.each<[Error, object]>([
    [
      new BadInputError('input.name', 'must not be blank'),
      { code: 'BAD_USER_INPUT', field: 'input.name', reason: 'must not be blank' },
    ],
    [
      new UnknownNodeError('x', ['a', 'b']),
      { code: 'BAD_USER_INPUT', field: 'read.node', reason: 'must be one of a, b' },
    ],
    [new EmployeeExistsError(7, 'input.id'), { code: 'EMPLOYEE_EXISTS', field: 'input.id', id: '7' }],
    [new EmployeeNotFoundError(7), { code: 'EMPLOYEE_NOT_FOUND', field: 'input.id', id: '7' }],
    [new IdempotencyKeyReusedError('k'), { code: 'IDEMPOTENCY_KEY_REUSED', idempotencyKey: 'k' }],
    [new IdsExhaustedError(), { code: 'IDS_EXHAUSTED' }],
    [new ScanUnfinishedError(), { code: 'DEADLINE_EXCEEDED' }],
    [
      new ClusterUnavailableError({
        summary: 'No leader within 5000 ms',
        term: 7,
        lastLeader: 'a',
        waitedMs: 5000.4,
        cause: new Error(secret),
      }),
      { code: 'CLUSTER_UNAVAILABLE', retryable: true, term: 7, lastLeader: 'a', waitedMs: 5000 },
    ],
    [new StoppingError(secret), { code: 'CLUSTER_UNAVAILABLE', retryable: true }],
    [new OverloadedError(secret), { code: 'OVERLOADED', retryable: true }],
    [
      new MutationOutcomeUnknownError('k', { cause: new Error(secret) }),
      { code: 'OUTCOME_UNKNOWN', retryable: true, idempotencyKey: 'k' },
    ],
    [
      new TransferRefusedError({ reason: 'LAGGING', to: 'b', leader: 'a', rowsBehind: 7 }),
      { code: 'TRANSFER_REFUSED', retryable: true, reason: 'LAGGING', leader: 'a' },
    ],
    [
      new TransferUnconfirmedError('b', { cause: new Error(secret) }),
      { code: 'OUTCOME_UNKNOWN', retryable: true },
    ],
    [
      new OutcomeUnknownError({ message: secret, node: 'a', cause: new Error(secret) }),
      { code: 'OUTCOME_UNKNOWN', retryable: true },
    ],
  ])('%o has its code and facts, and no text from below', (cause, extensions) => {
    const error = thrownByResolver(cause);
    const formatted = format(error);
    expect(formatted.extensions).toEqual(extensions);
    expect(formatted.path).toEqual(['employee']);
    expect(JSON.stringify(formatted)).not.toContain('hunter2');
    expect(internalCauseOf(error)).toBeUndefined();
  });

  test('of GraphQL itself keeps its text', () => {
    const error = new GraphQLError('Syntax Error', {
      extensions: { code: 'GRAPHQL_PARSE_FAILED', http: {} },
    });
    expect(format(error)).toEqual({ message: 'Syntax Error', extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
    expect(format(new GraphQLError('Too many errors')).extensions).toEqual({ code: 'BAD_REQUEST' });
  });
});

describe('an error that nobody foresaw', () => {
  const masked = { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  test.each<[string, Error]>([
    ['an error', new Error(secret)],
    ['an error of GraphQL with no code', new GraphQLError(secret)],
    [
      'an error of GraphQL with an internal code',
      new GraphQLError(secret, { extensions: { code: 'INTERNAL_SERVER_ERROR' } }),
    ],
    [
      'an error of GraphQL with a code of its own',
      new GraphQLError(secret, { extensions: { code: 'ECONNREFUSED' } }),
    ],
  ])('is masked, and its cause kept for the log: %s', (_name, cause) => {
    const error = thrownByResolver(cause);
    expect(format(error)).toEqual({ ...masked, path: ['employee'] });
    expect(internalCauseOf(error)).toBe(cause);
  });

  test.each([new Error(secret), secret, null, undefined, 7, { message: secret }])(
    'is masked even when it is %o',
    (error) => {
      expect(formatError({ message: secret }, error)).toEqual(masked);
    },
  );
});
