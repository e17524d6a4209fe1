/**
 * What has been acquired, to be released in the opposite order: whoever acquires pushes the release right after. One
 * failure does not keep the others from being released; the first one is thrown at the end.
 */
export class ReleaseStack {
  readonly #releases: (() => void | Promise<void>)[] = [];
  #released: Promise<void> | null = null;

  push(release: () => void | Promise<void>): void {
    this.#releases.push(release);
  }

  /** The same promise on every call. */
  releaseAll(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async #release(): Promise<void> {
    const failures: unknown[] = [];
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
