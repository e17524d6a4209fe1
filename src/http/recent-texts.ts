export interface TextBounds {
  readonly texts: number;
  readonly characters: number;
}

/** Texts by key, within bounds. Those that were not used for longest are forgotten first. */
export class RecentTexts {
  readonly #bounds: TextBounds;
  /** The one that was used last is last. */
  readonly #texts = new Map<string, string>();
  #characters = 0;

  constructor(bounds: TextBounds) {
    this.#bounds = bounds;
  }

  get(key: string): string | undefined {
    const text = this.#texts.get(key);
    if (text === undefined) return undefined;
    this.#texts.delete(key);
    this.#texts.set(key, text);
    return text;
  }

  set(key: string, text: string): void {
    this.#forget(key);
    this.#texts.set(key, text);
    this.#characters += text.length;
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= this.#bounds.texts && this.#characters <= this.#bounds.characters) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#characters -= this.#texts.get(key)?.length ?? 0;
    this.#texts.delete(key);
  }
}
