import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from './error-codes.js';

/** The head of an HTTP response, as far as an error decides it. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Why an operation is not executed, where HTTP has a status for it that programs look at: over HTTP and on event streams
 * the response has this head. On a WebSocket it is an error like any other.
 */
export class OperationRefusal extends GraphQLError {
  readonly head: ResponseHead;
  readonly code: ErrorCode;

  constructor(message: string, extensions: { code: ErrorCode; [key: string]: unknown }, head: ResponseHead) {
    super(message, { extensions });
    this.head = head;
    this.code = extensions.code;
  }
}

/** The one that decides the head of the response; null when HTTP has no more to say than that something was refused. */
export function findRefusal(errors: readonly GraphQLError[]): OperationRefusal | null {
  return errors.find((error) => error instanceof OperationRefusal) ?? null;
}

/** How a plain HTTP response is to begin, for an operation that was not executed. */
export function headOf(errors: readonly GraphQLError[]): ResponseHead {
  const status = errors.map(({ extensions: { http } }) => statusIn(http)).find((found) => found !== null);
  return findRefusal(errors)?.head ?? { status: status ?? 400, headers: {} };
}

/** An error may say so in its extensions, as Apollo Server has it. */
function statusIn(http: unknown): number | null {
  if (typeof http !== 'object' || http === null || !('status' in http)) return null;
  return typeof http.status === 'number' ? http.status : null;
}

const requestErrors: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'LIMIT_EXCEEDED',
  'PERSISTED_QUERY_NOT_FOUND',
  'DOCUMENT_NOT_TRUSTED',
  'BAD_USER_INPUT',
]);

/** The status for who accepts `application/json` only: 200 where nothing is wrong but the document or its variables. */
export function statusForJson(status: number, errors: readonly GraphQLFormattedError[]): number {
  const isRequestError = errors.every(({ extensions }) => requestErrors.has(extensions?.['code']));
  return status === 400 && isRequestError ? 200 : status;
}
