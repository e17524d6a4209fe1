import { ApiError } from './api-error.js';
import { ask } from './ask.js';
import type { Operation } from './operation.js';

/** Somebody who looks at a form for longer than this wants to be asked. */
const giveUpMs = 60_000;
const pauseMs = 400;

interface Keyed {
  readonly input: { readonly idempotencyKey?: string | null };
}

/**
 * Sends a mutation and repeats it with the same key while the gateway says that it may be repeated, or says nothing:
 * the key makes sure that it happens once. Rejects with ApiError, or with the signal's reason.
 */
export async function mutate<Result, Variables extends Keyed>(
  operation: Operation<Result, Variables>,
  variables: Variables,
  signal: AbortSignal,
): Promise<Result> {
  const giveUpAt = performance.now() + giveUpMs;
  for (;;) {
    try {
      return await ask(operation, variables, signal);
    } catch (error) {
      const mayRepeat = error instanceof ApiError && error.retryable && performance.now() < giveUpAt;
      if (!mayRepeat) throw error;
      await pause(signal);
    }
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  signal.throwIfAborted();
}

/** 128 random bits. Not `randomUUID`, which pages that came by plain HTTP from elsewhere do not have. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
