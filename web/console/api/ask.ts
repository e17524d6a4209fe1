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
  return readAnswer(await post<Result>(JSON.stringify({ query, operationName, variables }), signal));
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
