import { credentialsOf } from '../../credentials.js';
import { refuseToken, tokenState } from '../../token-store.js';
import { ApiError } from './api-error.js';
import type { Operation } from './operation.js';
import { type Answer, noAnswer, readAnswer } from './read-answer.js';

/** Beside the gateway's own page, wherever that is. */
export const endpoint = new URL('./graphql', document.baseURI);

/**
 * More than any answer takes: the gateway has its own limit for each operation (REQUEST_TIMEOUT_MS). For connections on
 * which nothing ever comes again.
 */
const silenceMs = 60_000;

/** Asks over HTTP. What one may not see is null. Rejects with ApiError, or with the signal's reason. */
export async function ask<Result, Variables>(
  operation: Operation<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Result> {
  const { text: query, name: operationName } = operation;
  const { token } = tokenState();
  const answer = await post<Result>({ query, operationName, variables }, { token, signal });
  try {
    return readAnswer(answer);
  } catch (error) {
    if (isRefusal(error)) refuseToken(token, error.message);
    throw error;
  }
}

/** Resolves to why this token is not good; null when it is. Rejects with ApiError when that cannot be told now. */
export async function tryToken(token: string): Promise<string | null> {
  try {
    readAnswer(await post({ query: '{ __typename }' }, { token }));
    return null;
  } catch (error) {
    if (isRefusal(error)) return error.message;
    throw error;
  }
}

const isRefusal = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.code === 'UNAUTHENTICATED';

interface PostOptions {
  readonly token: string | null;
  readonly signal?: AbortSignal | undefined;
}

async function post<Result>(request: object, { token, signal }: PostOptions): Promise<Answer<Result>> {
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...credentialsOf(token),
      },
      body: JSON.stringify(request),
      signal: AbortSignal.any([AbortSignal.timeout(silenceMs), ...(signal === undefined ? [] : [signal])]),
    });
    return await response.json();
  } catch (error) {
    signal?.throwIfAborted();
    throw noAnswer('The gateway does not answer', error);
  }
}
