import type { Clock } from '../clock.js';
import type { Identity } from './identity.js';

// Far below the 2^31 ms that a timer can count; and a clock that was set meanwhile is looked at this often.
const longestLegMs = 10 * 60_000;

/** Calls back once, when the identity has ended by the clock on the wall; never if it has no end, or after the signal. */
export function onExpiry(
  { expiresAt }: Identity,
  callback: () => void,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): void {
  if (expiresAt === null || signal.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const leftMs = expiresAt - clock.date().getTime();
    if (leftMs > 0) {
      timer = setTimeout(look, Math.min(leftMs, longestLegMs));
      return;
    }
    signal.removeEventListener('abort', forget);
    callback();
  };
  const forget = (): void => clearTimeout(timer);
  signal.addEventListener('abort', forget, { once: true });
  look();
}
