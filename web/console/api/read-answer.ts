import { ApiError } from './api-error.js';

/** An answer of GraphQL, as it comes over HTTP. */
export interface Answer<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly AnswerError[];
}

interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/**
 * What was asked for. A field that the reader may not see, such as a salary, is null in it; every other error is thrown
 * as ApiError. Pure.
 */
export function readAnswer<Result>({ data, errors = [] }: Answer<Result>): Result {
  const error = errors.find((candidate) => data == null || !isWithheld(candidate));
  if (error !== undefined) throw asApiError(error);
  if (data == null) throw noAnswer('The answer holds no data');
  return data;
}

/** Below the field that was asked for; a field of its own right is refused with all of its operation. */
const isWithheld = ({ path = [], extensions }: AnswerError): boolean =>
  extensions?.['code'] === 'FORBIDDEN' && path.length > 1;

const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function asApiError({ message, extensions = {} }: AnswerError): ApiError {
  return new ApiError(message, {
    code: asText(extensions['code']) ?? 'INTERNAL_SERVER_ERROR',
    field: asText(extensions['field']),
    reason: asText(extensions['reason']),
    retryable: extensions['retryable'] === true,
  });
}

export function noAnswer(message: string, cause?: unknown): ApiError {
  const error = new ApiError(message, { code: 'NO_ANSWER', field: null, reason: null, retryable: true });
  error.cause = cause;
  return error;
}
