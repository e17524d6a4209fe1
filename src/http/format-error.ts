import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ForbiddenError, IdentityUnavailableError, UnauthenticatedError } from '../access/errors.js';
import { BadInputError } from '../bad-input.js';
import {
  EmployeeChangedError,
  EmployeeExistsError,
  EmployeeNotFoundError,
  IdempotencyKeyReusedError,
  IdsExhaustedError,
  MutationOutcomeUnknownError,
  ScanUnfinishedError,
} from '../employees/employee.errors.js';
import {
  CancelledError,
  ClusterUnavailableError,
  OutcomeUnknownError,
  OverloadedError,
  StoppingError,
  TransferRefusedError,
  TransferUnconfirmedError,
  UnknownNodeError,
} from '../replicaset/errors.js';
import { errorCodes, isErrorCode, type ErrorCode } from './error-codes.js';

/** What a client may know of an error. */
interface PublicError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

const masked: PublicError = { code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' };

/** The extension of an error that is masked under which clients are told what to look for in the log. */
export const requestIdKey = 'requestId';

function maskedErrorOf(error: unknown): PublicError {
  const requestId = error instanceof GraphQLError ? error.extensions[requestIdKey] : undefined;
  return requestId === undefined ? masked : { ...masked, details: { [requestIdKey]: requestId } };
}

/**
 * The one way from an error to a client, for every transport. `formatted` is the error as GraphQL would send it.
 * Never throws. What is not known here is masked; {@link internalCauseOf} has the cause for the log.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { message, code, details } = publicErrorOf(error) ?? maskedErrorOf(error);
  const { locations, path } = formatted;
  return {
    message,
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: { code, ...(errorCodes[code].retryable && { retryable: true }), ...details },
  };
}

/** The cause of an error that clients see masked; undefined for all others. */
export function internalCauseOf(error: unknown): unknown {
  return publicErrorOf(error) === null ? causeOf(error) : undefined;
}

/** What a resolver threw: GraphQL wraps it to add the path, Apollo Server once more to add a code. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError;
  return cause;
}

function publicErrorOf(error: unknown): PublicError | null {
  const cause = causeOf(error);
  return error instanceof GraphQLError && cause instanceof GraphQLError
    ? publicGraphQLError(error, cause)
    : publicDomainError(cause);
}

/** Errors of the GraphQL layers: of the library, of Apollo Server and of our own. Those we mean to show have a code. */
function publicGraphQLError(error: GraphQLError, cause: GraphQLError): PublicError | null {
  const { code, http: _http, ...details } = error.extensions;
  if (code === masked.code) return null;
  if (isErrorCode(code)) return { code, message: error.message, details };
  // The library refused the request as a whole and names no code. What fails inside a resolver has a path.
  const isRefusal = code === undefined && error === cause && error.path === undefined;
  return isRefusal ? { code: 'BAD_REQUEST', message: error.message } : null;
}

/** The table. Messages are made here of facts: a text from below may name hosts, files or functions. */
function publicDomainError(error: unknown): PublicError | null {
  if (error instanceof BadInputError) {
    const { field, reason, message } = error;
    return { code: 'BAD_USER_INPUT', message, details: { field, reason } };
  }
  if (error instanceof UnauthenticatedError) return { code: 'UNAUTHENTICATED', message: error.message };
  if (error instanceof IdentityUnavailableError)
    return { code: 'IDENTITY_UNAVAILABLE', message: error.message };
  if (error instanceof ForbiddenError) return { code: 'FORBIDDEN', message: error.message };
  if (error instanceof UnknownNodeError) {
    const field = 'read.node';
    const reason = `must be one of ${error.knownNodes.join(', ')}`;
    return { code: 'BAD_USER_INPUT', message: `${field} ${reason}`, details: { field, reason } };
  }
  if (error instanceof EmployeeExistsError) {
    const { id, field, message } = error;
    return { code: 'EMPLOYEE_EXISTS', message, details: { field, id: String(id) } };
  }
  if (error instanceof EmployeeNotFoundError) {
    const { id, field, message } = error;
    return { code: 'EMPLOYEE_NOT_FOUND', message, details: { field, id: String(id) } };
  }
  if (error instanceof EmployeeChangedError) {
    const { id, field, message } = error;
    return { code: 'EMPLOYEE_CHANGED', message, details: { field, id: String(id) } };
  }
  if (error instanceof IdempotencyKeyReusedError) {
    const { idempotencyKey, message } = error;
    return { code: 'IDEMPOTENCY_KEY_REUSED', message, details: { idempotencyKey } };
  }
  if (error instanceof IdsExhaustedError) return { code: 'IDS_EXHAUSTED', message: error.message };
  if (error instanceof ScanUnfinishedError) return { code: 'DEADLINE_EXCEEDED', message: error.message };
  if (error instanceof ClusterUnavailableError) return clusterUnavailable(error);
  if (error instanceof StoppingError) {
    return { code: 'CLUSTER_UNAVAILABLE', message: 'This gateway is stopping; nothing was applied' };
  }
  if (error instanceof CancelledError) {
    return { code: 'CLUSTER_UNAVAILABLE', message: 'The client went away; nothing was applied' };
  }
  if (error instanceof OverloadedError) {
    return { code: 'OVERLOADED', message: 'Too many requests wait already; nothing was applied' };
  }
  if (error instanceof MutationOutcomeUnknownError) {
    const { idempotencyKey } = error;
    return { code: 'OUTCOME_UNKNOWN', message: unknownOutcome, details: { idempotencyKey } };
  }
  if (error instanceof TransferRefusedError) {
    const { reason, leader, message } = error;
    return { code: 'TRANSFER_REFUSED', message, details: { reason, leader } };
  }
  if (error instanceof TransferUnconfirmedError) {
    const { message } = error;
    return { code: 'OUTCOME_UNKNOWN', message: `${message}; look at topology` };
  }
  if (error instanceof OutcomeUnknownError) return { code: 'OUTCOME_UNKNOWN', message: unknownOutcome };
  return null;
}

const unknownOutcome =
  'The mutation was sent, but nobody said whether it took effect; repeat it with the same idempotency key';

function clusterUnavailable(error: ClusterUnavailableError): PublicError {
  const { term, lastLeader, message } = error;
  const waitedMs = Math.round(error.waitedMs);
  return {
    code: 'CLUSTER_UNAVAILABLE',
    message: `${message}; nothing was applied`,
    details: { term, lastLeader, waitedMs },
  };
}
