import type { ReplicaSetObserver } from '../replicaset/replica-set.js';
import type { RowFilter } from './employee-filter.js';
import type { EmployeeStore, ReadCall, Walk, Walked } from './employee.store.js';
import { keyOfReadMode } from './read-mode.js';

/** Whoever reads: one object for each operation. */
export type Operation = Omit<ReadCall, 'mode'>;

/** Where lists are read. */
export type EmployeeLists = Pick<EmployeeStore, 'walk' | 'count'>;

/**
 * Reads a list once for all who ask for it in one turn of the event loop: under load, a page that many clients look at
 * becomes one call. It leaves after the last of them has asked, so that no answer is older than its question.
 *
 * Without a leader each operation reads for itself: it may have to wait, and then it is to hold a place of its own among
 * those who wait, and to give it up when its client goes away.
 */
export class SharedLists implements EmployeeLists {
  readonly #lists: EmployeeLists;
  readonly #replicaSet: Pick<ReplicaSetObserver, 'view'>;
  readonly #walks = new Turn<Walked>();
  readonly #counts = new Turn<number>();

  constructor(lists: EmployeeLists, replicaSet: Pick<ReplicaSetObserver, 'view'>) {
    this.#lists = lists;
    this.#replicaSet = replicaSet;
  }

  walk(walk: Walk, call: ReadCall): Promise<Walked> {
    if (this.#replicaSet.view.leader === null) return this.#lists.walk(walk, call);
    const { mode } = call;
    const key = JSON.stringify([walk, keyOfReadMode(mode)]);
    return this.#walks.share(key, call, ({ deadlineAt, signal = null }) =>
      this.#lists.walk(walk, { mode, deadlineAt, signal }),
    );
  }

  count(filter: RowFilter, call: ReadCall): Promise<number> {
    if (this.#replicaSet.view.leader === null) return this.#lists.count(filter, call);
    const { mode } = call;
    const key = JSON.stringify([filter, keyOfReadMode(mode)]);
    return this.#counts.share(key, call, ({ deadlineAt, signal = null }) =>
      this.#lists.count(filter, { mode, deadlineAt, signal }),
    );
  }
}

interface Group<T> {
  readonly operations: Operation[];
  readonly promise: Promise<T>;
}

/** What is asked for in one turn of the event loop. */
class Turn<T> {
  /** By what they ask for. Another one for each turn: one that lasts would hold on to what it had (`tarantool/roster.ts`). */
  #groups = new Map<string, Group<T>>();
  #departures: (() => void)[] = [];

  /** What `read` gives to whoever was the first in this turn to ask for this. */
  share(key: string, operation: Operation, read: (all: Operation) => Promise<T>): Promise<T> {
    const known = this.#groups.get(key);
    if (known !== undefined) {
      known.operations.push(operation);
      return known.promise;
    }
    if (this.#groups.size === 0) setImmediate(() => this.#end());
    const operations = [operation];
    const promise = new Promise<T>((resolve, reject) => {
      this.#departures.push(() => void read(togetherOf(operations)).then(resolve, reject));
    });
    this.#groups.set(key, { operations, promise });
    return promise;
  }

  #end(): void {
    const departures = this.#departures;
    this.#departures = [];
    this.#groups = new Map();
    for (const depart of departures) depart();
  }
}

/**
 * One call for all of them. Nobody is refused because another's time is up, since their deadlines are a turn of the event
 * loop apart; and nobody's read is given up because another's client has gone.
 */
export function togetherOf(operations: readonly Operation[]): Operation {
  const [first] = operations;
  let deadlineAt = -Infinity;
  let signal = first?.signal ?? null;
  for (const operation of operations) {
    deadlineAt = Math.max(deadlineAt, operation.deadlineAt);
    if (operation.signal !== signal) signal = null;
  }
  return { deadlineAt, signal };
}
