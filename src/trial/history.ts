/**
 * What a client knows of its operation.
 *
 * | kind | meaning |
 * | --- | --- |
 * | `ok` | it took effect, or was read; `value` is what was told |
 * | `refused` | the cluster looked and said no, such as `EMPLOYEE_CHANGED`: nothing was applied |
 * | `failed` | it was told that nothing was applied and nothing will be, such as `CLUSTER_UNAVAILABLE` |
 * | `unknown` | it may have taken effect, may still, or never |
 */
export type Outcome =
  | { readonly kind: 'ok'; readonly value: number | null }
  | { readonly kind: 'refused' | 'failed' | 'unknown'; readonly code: string };

/** One operation of one client. Times are monotonic milliseconds. */
export interface Operation<Action> {
  readonly client: string;
  readonly action: Action;
  readonly invokedAt: number;
  /** Null while there is no answer; then the outcome is unknown. */
  readonly completedAt: number | null;
  readonly outcome: Outcome;
}

/** Called once with what became of an operation. */
export type Complete = (outcome: Outcome) => void;

interface Entry<Action> {
  readonly client: string;
  readonly action: Action;
  readonly invokedAt: number;
  completedAt: number | null;
  outcome: Outcome;
}

const unanswered: Outcome = { kind: 'unknown', code: 'UNANSWERED' };

/** All operations of all clients, in the order in which they were begun. Nothing is ever taken out. */
export class History<Action> {
  readonly #now: () => number;
  readonly #entries: Entry<Action>[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  get operations(): readonly Operation<Action>[] {
    return this.#entries;
  }

  /** Notes that an operation begins. One that is never completed stays of unknown outcome. */
  begin(client: string, action: Action): Complete {
    const invokedAt = this.#now();
    const entry: Entry<Action> = { client, action, invokedAt, completedAt: null, outcome: unanswered };
    this.#entries.push(entry);
    return (outcome) => {
      entry.completedAt = this.#now();
      entry.outcome = outcome;
    };
  }

  /** One JSON object per operation. */
  *toLines(): Generator<string> {
    for (const entry of this.#entries) yield JSON.stringify(entry);
  }
}
