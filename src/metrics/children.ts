/**
 * What a metric has for each pair of labels, made once and kept: to look it up by an object of labels costs more than to
 * count. Of labels there must be few.
 */
export class Children<First, Second, Child> {
  readonly #make: (first: First, second: Second) => Child;
  readonly #known = new Map<First, Map<Second, Child>>();

  constructor(make: (first: First, second: Second) => Child) {
    this.#make = make;
  }

  get(first: First, second: Second): Child {
    return this.#known.get(first)?.get(second) ?? this.#add(first, second);
  }

  #add(first: First, second: Second): Child {
    const child = this.#make(first, second);
    const ofFirst = this.#known.get(first) ?? new Map<Second, Child>();
    this.#known.set(first, ofFirst.set(second, child));
    return child;
  }
}
