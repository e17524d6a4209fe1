/** How long to wait before connecting again. */
export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Milliseconds to wait before the `attempt`-th attempt in a row (from 1): evenly spread between `minMs` and a ceiling
 * that doubles each time up to `maxMs`, so that many gateways do not come back to one node in step.
 */
export function backoffMs(attempt: number, limits: BackoffLimits, random: () => number): number {
  const ceiling = Math.min(limits.maxMs, limits.minMs * 2 ** attempt);
  return limits.minMs + random() * (ceiling - limits.minMs);
}
