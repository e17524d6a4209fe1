import DataLoader from 'dataloader';
import type { ReadTarget } from '../replicaset/replica-set.js';
import { type EmployeeStore, type ReadCall, maxIdsPerCall } from './employee.store.js';
import type { Employee } from './employee.type.js';

/** Finds employees by id for one operation: ids asked for together travel together, and each only once. */
export interface EmployeeFinder {
  /** Null when nobody has the id. Rejects with what EmployeeStore.get rejects with. */
  find(id: number, target: ReadTarget): Promise<Employee | null>;
}

export function createEmployeeFinder(store: EmployeeStore, call: Omit<ReadCall, 'target'>): EmployeeFinder {
  // One per target: answers of different nodes may differ.
  const loaders = new Map<string, DataLoader<number, Employee | null>>();

  function loaderFor(target: ReadTarget): DataLoader<number, Employee | null> {
    const key = target.kind === 'node' ? `node ${target.name}` : target.kind;
    const known = loaders.get(key);
    if (known !== undefined) return known;
    const loader = new DataLoader<number, Employee | null>(
      async (ids) => {
        const employees = await store.get(ids, { target, ...call });
        const byId = new Map(employees.map((employee) => [employee.id, employee]));
        return ids.map((id) => byId.get(id) ?? null);
      },
      { maxBatchSize: maxIdsPerCall },
    );
    loaders.set(key, loader);
    return loader;
  }

  return { find: (id, target) => loaderFor(target).load(id) };
}
