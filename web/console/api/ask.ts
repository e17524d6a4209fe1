import { ApiError } from './api-error.js';
import type { Operation } from './operation.js';

interface Answer<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** Beside the gateway's own page, wherever that is. */
export const endpoint = new URL('./graphql', document.baseURI);

/**
 * More than any answer takes: the gateway has its own limit for each operation (REQUEST_TIMEOUT_MS). For connections on
 * which nothing ever comes again.
 */
const silenceMs = 60_000;

/** Asks over HTTP. Rejects with ApiError, or with the signal's reason. */
export async function ask<Result, Variables>(
  operation: Operation<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Result> {
  const { data, errors } = await post<Result>(
    JSON.stringify({ query: operation.text, operationName: operation.name, variables }),
    signal,
  );
  const error = errors?.[0];
  if (error !== undefined) throw asApiError(error.message, error.extensions ?? {});
  if (data == null) throw noAnswer('The answer holds no data');
  return data;
}

async function post<Result>(body: string, signal?: AbortSignal): Promise<Answer<Result>> {
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body,
      signal: AbortSignal.any([AbortSignal.timeout(silenceMs), ...(signal === undefined ? [] : [signal])]),
    });
    return await response.json();
  } catch (error) {
    signal?.throwIfAborted();
    throw noAnswer('The gateway does not answer', error);
  }
}

const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function asApiError(message: string, extensions: Readonly<Record<string, unknown>>): ApiError {
  return new ApiError(message, {
    code: asText(extensions['code']) ?? 'INTERNAL_SERVER_ERROR',
    field: asText(extensions['field']),
    reason: asText(extensions['reason']),
    retryable: extensions['retryable'] === true,
  });
}

function noAnswer(message: string, cause?: unknown): ApiError {
  const error = new ApiError(message, { code: 'NO_ANSWER', field: null, reason: null, retryable: true });
  error.cause = cause;
  return error;
}
