import type { PageOutcome } from './make-pages.js';

/** The cells of a row about one page. */
export function describeOutcome(outcome: PageOutcome): string[] {
  if (outcome.kind === 'failed') return [outcome.page, `not made: ${outcome.problem}`];
  const { page, bytes, compressedBytes, seconds } = outcome;
  return [page, kilobytes(bytes), `${kilobytes(compressedBytes)} compressed`, `${seconds.toFixed(1)} s`];
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(bytes < 100_000 ? 1 : 0)} kB`;
