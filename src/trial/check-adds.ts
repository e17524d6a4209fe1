import type { Outcome } from './history.js';

/** Somebody was to be added, once, under a name that was given to nobody else. */
export interface Add {
  readonly name: string;
  readonly outcome: Outcome;
}

/** What became of them, by name. */
export interface AddsVerdict {
  readonly acknowledged: number;
  readonly unknown: number;
  /** Of the unknown ones, those that were applied. */
  readonly unknownApplied: number;
  /** Acknowledged, and missing on a node. */
  readonly lost: readonly string[];
  /** There more than once. */
  readonly doubled: readonly string[];
  /** There, though its client was told that nothing was applied. */
  readonly misreported: readonly string[];
  /** On some nodes and not on others. */
  readonly diverged: readonly string[];
  /** On a node, and nobody ever asked for it. */
  readonly invented: readonly string[];
}

/** Holds what clients were told against the names that each node has in the end. */
export function checkAdds(adds: readonly Add[], found: ReadonlyMap<string, readonly string[]>): AddsVerdict {
  const counts = [...found.values()].map(countNames);
  const on = (name: string): readonly number[] => counts.map((count) => count.get(name) ?? 0);
  const namesOf = (kind: Outcome['kind']): readonly string[] =>
    adds.filter(({ outcome }) => outcome.kind === kind).map(({ name }) => name);
  const isThere = (name: string): boolean => on(name).some((count) => count > 0);
  const asked = new Set(adds.map(({ name }) => name));
  const all = new Set([...asked, ...counts.flatMap((count) => [...count.keys()])]);
  return {
    acknowledged: namesOf('ok').length,
    unknown: namesOf('unknown').length,
    unknownApplied: namesOf('unknown').filter(isThere).length,
    lost: namesOf('ok').filter((name) => on(name).includes(0)),
    doubled: [...all].filter((name) => on(name).some((count) => count > 1)),
    misreported: [...namesOf('failed'), ...namesOf('refused')].filter(isThere),
    diverged: [...all].filter((name) => new Set(on(name)).size > 1),
    invented: [...all].filter((name) => !asked.has(name)),
  };
}

function countNames(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
