import type { ReplicaSetObserver } from '../replicaset/replica-set.js';
import { type EmployeeStore, maxIdsPerCall } from './employee.store.js';
import type { Employee } from './employee.type.js';
import { keyOfReadMode, type ReadMode } from './read-mode.js';
import { togetherOf, type Operation } from './shared-lists.js';

interface Seeker {
  readonly id: number;
  readonly operation: Operation;
  /** Those with the same one travel together. */
  readonly party: Operation | null;
  readonly resolve: (employee: Employee | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Those who want their answers in one mode: an answer in another mode may differ. */
interface Gathering {
  readonly mode: ReadMode;
  readonly seekers: Seeker[];
}

/**
 * Finds employees by id. Ids that are asked for in one turn of the event loop travel together, whoever asks, and each
 * only once: under load, reads of many clients become one call. It leaves after the last of them has asked, so that no
 * answer is older than its question.
 *
 * Without a leader each operation travels alone: it may have to wait, and then it is to hold a place of its own among
 * those who wait, and to give it up when its client goes away.
 */
export class EmployeeFinder {
  readonly #store: EmployeeStore;
  readonly #replicaSet: Pick<ReplicaSetObserver, 'view'>;
  #gatherings = new Map<string, Gathering>();

  constructor(store: EmployeeStore, replicaSet: Pick<ReplicaSetObserver, 'view'>) {
    this.#store = store;
    this.#replicaSet = replicaSet;
  }

  /** Null when nobody has the id. Rejects with what EmployeeStore.get rejects with. */
  find(id: number, mode: ReadMode, operation: Operation): Promise<Employee | null> {
    return new Promise((resolve, reject) => {
      const party = this.#replicaSet.view.leader === null ? operation : null;
      this.#gatheringFor(mode).push({ id, operation, party, resolve, reject });
    });
  }

  #gatheringFor(mode: ReadMode): Seeker[] {
    if (this.#gatherings.size === 0) setImmediate(() => this.#depart());
    const key = keyOfReadMode(mode);
    const known = this.#gatherings.get(key);
    if (known !== undefined) return known.seekers;
    const seekers: Seeker[] = [];
    this.#gatherings.set(key, { mode, seekers });
    return seekers;
  }

  #depart(): void {
    const gatherings = this.#gatherings;
    this.#gatherings = new Map();
    for (const { mode, seekers } of gatherings.values()) {
      for (const party of grouped(seekers, (seeker) => seeker.party).values()) {
        for (const sought of byId(party)) void this.#fetch(sought, mode);
      }
    }
  }

  async #fetch(sought: ReadonlyMap<number, readonly Seeker[]>, mode: ReadMode): Promise<void> {
    const seekers = [...sought.values()].flat();
    try {
      const employees = await this.#store.get([...sought.keys()], {
        mode,
        ...togetherOf(seekers.map(({ operation }) => operation)),
      });
      const found = new Map(employees.map((employee) => [employee.id, employee]));
      for (const { id, resolve } of seekers) resolve(found.get(id) ?? null);
    } catch (error) {
      for (const { reject } of seekers) reject(error);
    }
  }
}

/** Those who want the same employee together, in parts of no more employees than one call may ask for. */
function byId(seekers: readonly Seeker[]): readonly ReadonlyMap<number, readonly Seeker[]>[] {
  const all = [...grouped(seekers, ({ id }) => id)];
  const parts = Math.ceil(all.length / maxIdsPerCall);
  return Array.from(
    { length: parts },
    (_, part) => new Map(all.slice(part * maxIdsPerCall, (part + 1) * maxIdsPerCall)),
  );
}

function grouped<K, T>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
