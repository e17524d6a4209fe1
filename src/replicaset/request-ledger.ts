/**
 * How a request ended.
 *
 * | ending | meaning |
 * | --- | --- |
 * | `completed` | a node answered, be it with a rejection |
 * | `expired` | its deadline came |
 * | `cancelled` | its client went away |
 * | `failed` | a defect, a named node that is down, or the gateway is stopping |
 * | `refused` | there was no place for it: it was never accepted |
 */
export type Ending = 'completed' | 'expired' | 'cancelled' | 'failed' | 'refused';

/** accepted = completed + failed + expired + cancelled + underWay; those refused are beside it. */
export interface RequestCounts extends Readonly<Record<Ending, number>> {
  readonly accepted: number;
  /** Accepted and not ended yet, waiting included. */
  readonly underWay: number;
}

/** Counts requests; each is accepted once and ends once. */
export class RequestLedger {
  readonly #ended: Record<Ending, number> = { completed: 0, expired: 0, cancelled: 0, failed: 0, refused: 0 };
  #came = 0;

  get counts(): RequestCounts {
    return { ...this.#ended, accepted: this.#came - this.#ended.refused, underWay: this.underWay };
  }

  get underWay(): number {
    const { completed, failed, expired, cancelled, refused } = this.#ended;
    return this.#came - refused - completed - failed - expired - cancelled;
  }

  accept(): void {
    this.#came += 1;
  }

  end(ending: Ending): void {
    this.#ended[ending] += 1;
  }
}
