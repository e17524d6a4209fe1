export interface RecentMapBounds<V> {
  readonly entries?: number;
  /** Of all values together. */
  readonly weight?: number;
  readonly weigh?: (key: string, value: V) => number;
}

/** A map within bounds. What was not used for longest is forgotten first. */
export class RecentMap<V> {
  /** The one that was used last is last. */
  readonly #values = new Map<string, V>();
  readonly #bounds: Required<RecentMapBounds<V>>;
  /** That one. Whoever asks for it again is spared the hash of a long key, and the move. */
  #last: { readonly key: string; readonly value: V } | null = null;
  #weight = 0;

  constructor(bounds: RecentMapBounds<V>) {
    this.#bounds = { entries: Infinity, weight: Infinity, weigh: () => 0, ...bounds };
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    if (this.#last?.key === key) return this.#last.value;
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    this.#last = { key, value };
    return value;
  }

  set(key: string, value: V): void {
    this.delete(key);
    this.#values.set(key, value);
    this.#last = { key, value };
    this.#weight += this.#bounds.weigh(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#bounds.entries && this.#weight <= this.#bounds.weight) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    if (this.#last?.key === key) this.#last = null;
    this.#weight -= this.#bounds.weigh(key, value);
  }
}
