import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/api-error.js';
import { newIdempotencyKey } from '../api/mutate.js';

/**
 * | phase | meaning |
 * | --- | --- |
 * | `idle` | nothing was sent |
 * | `pending` | sent at `since`, and repeated if need be, until there is an answer |
 * | `failed` | there is an answer that is no success, or none in time |
 */
export type MutationState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'pending'; readonly since: number }
  | { readonly phase: 'failed'; readonly error: ApiError };

/** What is sent: the same words get the same key, so that sending them again changes nothing. */
export type Send<Result> = (idempotencyKey: string, signal: AbortSignal) => Promise<Result>;

/**
 * Runs one mutation at a time. `submit` resolves to null when it failed, which the state tells. Its first argument stands
 * for what is asked: as long as that is the same, and was not done, the key stays the same.
 */
export function useMutation<Result>() {
  const [state, setState] = useState<MutationState>({ phase: 'idle' });
  const keyed = useRef<{ readonly words: string; readonly key: string } | null>(null);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);

  async function submit(words: string, send: Send<Result>): Promise<Result | null> {
    if (keyed.current?.words !== words) keyed.current = { words, key: newIdempotencyKey() };
    const controller = new AbortController();
    current.current = controller;
    setState({ phase: 'pending', since: Date.now() });
    try {
      const result = await send(keyed.current.key, controller.signal);
      keyed.current = null;
      setState({ phase: 'idle' });
      return result;
    } catch (error) {
      if (controller.signal.aborted) return null;
      if (!(error instanceof ApiError)) throw error;
      setState({ phase: 'failed', error });
      return null;
    }
  }

  const reset = () => {
    current.current?.abort();
    keyed.current = null;
    setState({ phase: 'idle' });
  };
  return { state, submit, reset };
}
