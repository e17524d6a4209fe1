import { OperationRefusal } from '../operation-refusal.js';
import type { Siblings } from '../siblings.js';

/** Counts the WebSockets and event streams that each subject has open, and lets nobody have more than so many. */
export class ConnectionLimiter {
  readonly #max: number;
  /** Of those who have one. */
  readonly #open = new Map<string, number>();
  /** The same at each sibling, by subject. */
  readonly #elsewhere = new Map<string, Map<number, number>>();
  readonly #siblings: Siblings | null;

  /** 0 for any number. */
  constructor(max: number, siblings: Siblings | null = null) {
    this.#max = max;
    this.#siblings = siblings;
  }

  /** How many subjects have one open. */
  get size(): number {
    return this.#open.size;
  }

  /** Takes a place for a connection. Returns how to give it back, to be called once; null when all are taken. */
  take(subject: string): (() => void) | null {
    const open = this.#open.get(subject) ?? 0;
    if (this.#max > 0 && open + this.#openElsewhere(subject) >= this.#max) return null;
    this.#open.set(subject, open + 1);
    this.#tell(subject, open + 1);
    return () => this.#giveBack(subject);
  }

  /** What is said to whom no place was left. */
  get words(): string {
    return `${this.#max} WebSockets and event streams of yours are open already: close one, then try again`;
  }

  /** The same where there is an answer by HTTP. */
  refusal(): OperationRefusal {
    const extensions = { code: 'RATE_LIMITED', limit: 'connections', max: this.#max } as const;
    return new OperationRefusal(this.words, extensions, { status: 429, headers: {} });
  }

  #giveBack(subject: string): void {
    const left = (this.#open.get(subject) ?? 1) - 1;
    if (left > 0) this.#open.set(subject, left);
    else this.#open.delete(subject);
    this.#tell(subject, left);
  }

  /** So many are open at a sibling now. */
  setElsewhere(sibling: number, subject: string, open: number): void {
    const ofSubject = this.#elsewhere.get(subject) ?? new Map<number, number>();
    if (open > 0) ofSubject.set(sibling, open);
    else ofSubject.delete(sibling);
    if (ofSubject.size > 0) this.#elsewhere.set(subject, ofSubject);
    else this.#elsewhere.delete(subject);
  }

  #openElsewhere(subject: string): number {
    let open = 0;
    for (const count of this.#elsewhere.get(subject)?.values() ?? []) open += count;
    return open;
  }

  #tell(subject: string, open: number): void {
    if (this.#max > 0) this.#siblings?.tellConnections(subject, open);
  }
}
