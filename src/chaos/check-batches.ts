import type { Outcome } from '../trial/history.js';

/** Several employees that were to be added together. */
export interface Batch {
  readonly name: string;
  readonly size: number;
  readonly completedAt: number | null;
  readonly outcome: Outcome;
}

/** How many of a batch were seen, by a read in one piece. */
export interface BatchSighting {
  readonly name: string;
  readonly found: number;
  readonly invokedAt: number;
  /** Who was asked: the leader at any time, or a node in the end. */
  readonly source: 'leader' | 'the end';
}

/** All of a batch or none of it, on every read; and what was acknowledged, on every later one. In words, what is wrong. */
export function checkBatches(
  batches: readonly Batch[],
  sightings: readonly BatchSighting[],
): readonly string[] {
  const byName = new Map(batches.map((batch) => [batch.name, batch]));
  return sightings.flatMap(({ name, found, invokedAt, source }) => {
    const batch = byName.get(name);
    if (batch === undefined) return [`${name} was seen, and nobody ever asked for it`];
    const { size, outcome, completedAt } = batch;
    const seen = `${found} of ${size} employees of ${name} were seen (${source})`;
    if (found !== 0 && found !== size) return [seen];
    const isDue = outcome.kind === 'ok' && completedAt !== null && completedAt <= invokedAt;
    if (isDue && found === 0) return [`${seen}, though it had been acknowledged`];
    const isRefused = outcome.kind === 'failed' || outcome.kind === 'refused';
    return isRefused && found > 0 ? [`${seen}, though its client was told ${outcome.code}`] : [];
  });
}
