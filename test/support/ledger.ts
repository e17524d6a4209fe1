import type { Employee } from '../../src/employees/employee.type.js';

/** What a client was told of its write. */
export type Told = 'acknowledged' | 'not-applied' | 'unknown';

/** Somebody's salary, or null for somebody who is not there. Names are given once, so that no one is taken for another. */
export type State = number | null;

/**
 * What clients were told of their writes, held against what the cluster has in the end. A write of unknown outcome leaves
 * two states possible; any other, one.
 */
export class Ledger {
  readonly #possible = new Map<string, readonly State[]>();
  readonly #counts: Record<Told, number> = { acknowledged: 0, 'not-applied': 0, unknown: 0 };

  /** How many writes ended in each way so far. */
  get counts(): Readonly<Record<Told, number>> {
    return this.#counts;
  }

  /** Notes a write; the one before it on the same employee must not have been of unknown outcome. */
  record(name: string, { before, after, told }: { before: State; after: State; told: Told }): void {
    this.#counts[told] += 1;
    const possible = { acknowledged: [after], 'not-applied': [before], unknown: [before, after] };
    this.#possible.set(name, possible[told]);
  }

  /** What contradicts the clients' knowledge in what a node has: lost, doubled or undone. */
  contradictions(employees: readonly Employee[]): readonly string[] {
    const found = new Map<string, number[]>();
    for (const { name, salary } of employees) found.set(name, [...(found.get(name) ?? []), salary]);
    return [...this.#possible].flatMap(([name, possible]) => {
      const [state = null, ...others] = found.get(name) ?? [];
      return others.length === 0 && possible.includes(state)
        ? []
        : [`${name} has ${JSON.stringify(found.get(name) ?? null)} instead of ${JSON.stringify(possible)}`];
    });
  }
}
