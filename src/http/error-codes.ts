/**
 * Every `extensions.code` that a client can meet, on any transport. docs/errors.md explains each; a test holds the two
 * together. `retryable`: the same request may succeed later, and repeating it does no harm.
 */
export const errorCodes = {
  BAD_USER_INPUT: { retryable: false },
  EMPLOYEE_EXISTS: { retryable: false },
  EMPLOYEE_NOT_FOUND: { retryable: false },
  EMPLOYEE_CHANGED: { retryable: false },
  IDEMPOTENCY_KEY_REUSED: { retryable: false },
  IDS_EXHAUSTED: { retryable: false },
  DEADLINE_EXCEEDED: { retryable: false },
  TRANSFER_REFUSED: { retryable: true },
  CLUSTER_UNAVAILABLE: { retryable: true },
  OUTCOME_UNKNOWN: { retryable: true },
  OVERLOADED: { retryable: true },
  INTERNAL_SERVER_ERROR: { retryable: false },
  // More than one operation may be.
  LIMIT_EXCEEDED: { retryable: false },
  // More operations than one may send.
  RATE_LIMITED: { retryable: true },
  // Apollo Server's own: the request is no valid GraphQL.
  GRAPHQL_PARSE_FAILED: { retryable: false },
  GRAPHQL_VALIDATION_FAILED: { retryable: false },
  OPERATION_RESOLUTION_FAILURE: { retryable: false },
  PERSISTED_QUERY_NOT_FOUND: { retryable: false },
  DOCUMENT_NOT_TRUSTED: { retryable: false },
  BAD_REQUEST: { retryable: false },
  // Who asks is not known, or may not do it.
  IDENTITY_UNAVAILABLE: { retryable: true },
  UNAUTHENTICATED: { retryable: false },
  FORBIDDEN: { retryable: false },
  // HTTP's own: the request never became one of GraphQL.
  NOT_FOUND: { retryable: false },
  METHOD_NOT_ALLOWED: { retryable: false },
  PAYLOAD_TOO_LARGE: { retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { retryable: false },
} as const;

export type ErrorCode = keyof typeof errorCodes;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}
