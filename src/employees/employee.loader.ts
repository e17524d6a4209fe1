import DataLoader from 'dataloader';
import { type EmployeeStore, type ReadCall, maxIdsPerCall } from './employee.store.js';
import type { Employee } from './employee.type.js';
import { keyOfReadMode, type ReadMode } from './read-mode.js';

/** Finds employees by id for one operation: ids asked for together travel together, and each only once. */
export interface EmployeeFinder {
  /** Null when nobody has the id. Rejects with what EmployeeStore.get rejects with. */
  find(id: number, mode: ReadMode): Promise<Employee | null>;
}

export function createEmployeeFinder(store: EmployeeStore, call: Omit<ReadCall, 'mode'>): EmployeeFinder {
  // One per mode: an answer in another mode may differ.
  const loaders = new Map<string, DataLoader<number, Employee | null>>();

  function loaderFor(mode: ReadMode): DataLoader<number, Employee | null> {
    const key = keyOfReadMode(mode);
    const known = loaders.get(key);
    if (known !== undefined) return known;
    const loader = new DataLoader<number, Employee | null>(
      async (ids) => {
        const employees = await store.get(ids, { mode, ...call });
        const byId = new Map(employees.map((employee) => [employee.id, employee]));
        return ids.map((id) => byId.get(id) ?? null);
      },
      { maxBatchSize: maxIdsPerCall },
    );
    loaders.set(key, loader);
    return loader;
  }

  return { find: (id, mode) => loaderFor(mode).load(id) };
}
