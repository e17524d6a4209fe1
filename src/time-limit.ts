/**
 * A signal that is aborted after so many milliseconds, with a TimeoutError, or as soon as one of the others is, with its reason.
 * It keeps no process alive.
 *
 * Not AbortSignal.any() with AbortSignal.timeout(): on Node 20 nothing holds the timeout there, so that it may be collected as
 * garbage, and whoever waits waits for ever (https://github.com/nodejs/node/issues/57736).
 */
export function timeLimit(limitMs: number, ...others: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  const end = (reason: unknown): void => {
    clearTimeout(timer);
    for (const [other, listener] of listeners) other.removeEventListener('abort', listener);
    controller.abort(reason);
  };
  const timer = setTimeout(() => end(new DOMException('The time is up', 'TimeoutError')), limitMs).unref();
  const listeners = others.map((other) => [other, () => end(other.reason)] as const);
  for (const [other, listener] of listeners) {
    if (other.aborted) listener();
    else other.addEventListener('abort', listener);
  }
  return controller.signal;
}
