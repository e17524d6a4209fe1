import type { Operation } from '../trial/history.js';

/** What is done to a register. A compare-and-set that is `refused` has seen another value than `expected`. */
export type RegisterAction =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly value: number }
  | { readonly kind: 'compare-and-set'; readonly expected: number; readonly value: number };

export type RegisterOperation = Operation<RegisterAction>;

/**
 * | kind | meaning |
 * | --- | --- |
 * | `linearizable` | there is an order, true to real time, in which one copy would have answered the same |
 * | `violated` | there is none; `culprit` was the first answer that no order explains, `state` what the register could be |
 * | `undecided` | too many orders to try them all |
 */
export type RegisterVerdict =
  | { readonly kind: 'linearizable' }
  | { readonly kind: 'violated'; readonly culprit: RegisterOperation; readonly state: number }
  | { readonly kind: 'undecided' };

/** Some seconds of work; a register that is as it should be takes about a step per operation. */
const maxSteps = 200_000;

/**
 * Is there an order of the operations on one register that explains all answers? The search of Wing and Gong (1993) with
 * Lowe's memory (2017): a set of operations that was put in order before and led to the same value is not tried again.
 *
 * An operation of unknown outcome may take effect at any time after its begin, or never. One that `failed` never does.
 */
export function checkRegister(operations: readonly RegisterOperation[], initial: number): RegisterVerdict {
  const relevant = operations
    .filter(({ outcome, action }) => outcome.kind !== 'failed' && !isUselessRead(outcome.kind, action))
    .toSorted((a, b) => a.invokedAt - b.invokedAt);
  const whole = search(relevant, initial);
  if (whole.kind !== 'violated') return { kind: whole.kind };
  return findCulprit(relevant, initial);
}

/** A read without an answer tells nothing and changes nothing. */
const isUselessRead = (outcome: string, action: RegisterAction): boolean =>
  action.kind === 'read' && outcome !== 'ok';

/** The first answer with which the history cannot be explained any more: that of the shortest such prefix. */
function findCulprit(operations: readonly RegisterOperation[], initial: number): RegisterVerdict {
  const answered = operations
    .filter(({ outcome }) => isAnswered(outcome.kind))
    .toSorted((a, b) => endOf(a) - endOf(b));
  let explained = 0;
  let unexplained = answered.length;
  let state = initial;
  while (unexplained - explained > 1) {
    const middle = Math.floor((explained + unexplained) / 2);
    const result = search(prefix(operations, endOf(answered[middle - 1])), initial);
    if (result.kind === 'undecided') return { kind: 'undecided' };
    if (result.kind === 'violated') unexplained = middle;
    else explained = middle;
    if (result.kind === 'linearizable') state = result.state;
  }
  const culprit = answered[unexplained - 1];
  return culprit === undefined ? { kind: 'undecided' } : { kind: 'violated', culprit, state };
}

/** What was known at `until`: whatever ended later is of unknown outcome. */
function prefix(operations: readonly RegisterOperation[], until: number): RegisterOperation[] {
  return operations
    .filter(({ invokedAt }) => invokedAt <= until)
    .map((operation): RegisterOperation =>
      endOf(operation) <= until
        ? operation
        : { ...operation, completedAt: null, outcome: { kind: 'unknown', code: 'LATER' } },
    )
    .filter(({ outcome, action }) => !isUselessRead(outcome.kind, action));
}

const isAnswered = (kind: string): boolean => kind === 'ok' || kind === 'refused';

const endOf = (operation: RegisterOperation | undefined): number =>
  operation !== undefined && isAnswered(operation.outcome.kind)
    ? (operation.completedAt ?? Number.POSITIVE_INFINITY)
    : Number.POSITIVE_INFINITY;

/** The value after an operation; null when it cannot have happened at `state`. */
function apply(state: number, { action, outcome }: RegisterOperation): number | null {
  switch (action.kind) {
    case 'read':
      return outcome.kind === 'ok' && outcome.value === state ? state : null;
    case 'write':
      return outcome.kind === 'refused' ? null : action.value;
    case 'compare-and-set':
      if (outcome.kind === 'refused') return state === action.expected ? null : state;
      return state === action.expected ? action.value : null;
    default:
      return action satisfies never;
  }
}

type SearchResult =
  { readonly kind: 'linearizable'; readonly state: number } | { readonly kind: 'violated' | 'undecided' };

/** Depth first, over operations sorted by their begin. */
function search(operations: readonly RegisterOperation[], initial: number): SearchResult {
  const chain = new Chain(operations);
  const seen = new Set<string>();
  const taken: { index: number; stateBefore: number }[] = [];
  let state = initial;
  let candidate = chain.first;
  for (let step = 0; chain.answeredLeft > 0; step += 1) {
    if (step >= maxSteps) return { kind: 'undecided' };
    const operation = candidate === null ? undefined : operations[candidate];
    // Nothing that began after an answer can come before it.
    if (candidate !== null && operation !== undefined && operation.invokedAt <= chain.earliestEnd()) {
      const next = apply(state, operation);
      if (next !== null) {
        chain.take(candidate);
        const key = `${chain.signature()}=${next}`;
        if (!seen.has(key)) {
          seen.add(key);
          taken.push({ index: candidate, stateBefore: state });
          state = next;
          candidate = chain.first;
          continue;
        }
        chain.putBack(candidate);
      }
      candidate = chain.after(candidate);
      continue;
    }
    const last = taken.pop();
    if (last === undefined) return { kind: 'violated' };
    chain.putBack(last.index);
    state = last.stateBefore;
    candidate = chain.after(last.index);
  }
  return { kind: 'linearizable', state };
}

/** The operations that have not been put in order yet, by their begin; what is taken out can be put back, last first. */
class Chain {
  readonly #begins: readonly number[];
  readonly #ends: readonly number[];
  readonly #next: number[];
  readonly #previous: number[];
  readonly #isTaken: boolean[];
  readonly #head: number;
  /** How many of those that were answered are left. */
  answeredLeft: number;

  constructor(operations: readonly RegisterOperation[]) {
    this.#begins = operations.map(({ invokedAt }) => invokedAt);
    this.#ends = operations.map(endOf);
    this.#head = operations.length;
    this.#next = [...operations.map((_, index) => index + 1), 0];
    this.#previous = [...operations.map((_, index) => index - 1), operations.length - 1];
    this.#previous[0] = this.#head;
    this.#isTaken = operations.map(() => false);
    this.answeredLeft = this.#ends.filter(Number.isFinite).length;
  }

  get first(): number | null {
    return this.after(this.#head);
  }

  after(index: number): number | null {
    const next = this.#next[index] ?? this.#head;
    return next === this.#head ? null : next;
  }

  /** When the first of those that are left was answered. */
  earliestEnd(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let index = this.first; index !== null; index = this.after(index)) {
      // Those that began later were answered later, too.
      if ((this.#begins[index] ?? earliest) > earliest) break;
      earliest = Math.min(earliest, this.#ends[index] ?? earliest);
    }
    return earliest;
  }

  take(index: number): void {
    const next = this.#next[index] ?? this.#head;
    const previous = this.#previous[index] ?? this.#head;
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.#isTaken[index] = true;
    if (Number.isFinite(this.#ends[index])) this.answeredLeft -= 1;
  }

  putBack(index: number): void {
    this.#next[this.#previous[index] ?? this.#head] = index;
    this.#previous[this.#next[index] ?? this.#head] = index;
    this.#isTaken[index] = false;
    if (Number.isFinite(this.#ends[index])) this.answeredLeft += 1;
  }

  /** Which are taken: how many from the beginning without a gap, and those behind it. */
  signature(): string {
    const first = this.first ?? this.#head;
    const behind: number[] = [];
    for (let index = first + 1; index < this.#head; index += 1) if (this.#isTaken[index]) behind.push(index);
    return `${first}:${behind.join()}`;
  }
}
