/** What can be in a {@link Roster}. */
export interface Seated {
  /** Where it is in its roster, which alone sets it; -1 while it is in none. */
  place: number;
}

/**
 * A set whose members come and go by the thousand in each second; the order is not kept.
 *
 * A Set would hold on to them: it makes itself a new table after every few dozen members, and leaves the old one, with those who
 * were there then, for the garbage collector. As soon as the Set has outlived its youth, so have its tables, and what these name is
 * taken for alive until the next collection of everything: half of all replies, copied twice. An array forgets who leaves.
 */
export class Roster<T extends Seated> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** False when it was not, or is no longer, a member. */
  delete(member: T): boolean {
    const { place } = member;
    if (this.#members[place] !== member) return false;
    const last = this.#members.pop();
    if (last !== undefined && last !== member) {
      this.#members[place] = last;
      last.place = place;
    }
    member.place = -1;
    return true;
  }

  /** As it is now; it may change meanwhile. */
  all(): readonly T[] {
    return [...this.#members];
  }
}
