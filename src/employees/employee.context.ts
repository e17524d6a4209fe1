import type { CancelSignal } from '../replicaset/replica-set.js';
import type { EmployeeFinder } from './employee.loader.js';
import type { EmployeeStore } from './employee.store.js';
import type { IdempotencyKeys } from './idempotency-keys.js';
import type { EmployeeLists } from './shared-lists.js';

/** What the resolvers of employees need of an operation. */
export interface EmployeeContext {
  readonly deadlineAt: number;
  /** Aborted when the client has gone away. */
  readonly signal: CancelSignal;
  readonly store: EmployeeStore;
  readonly finder: EmployeeFinder;
  readonly lists: EmployeeLists;
  readonly idempotencyKeys: IdempotencyKeys;
  /** As in WriteCall. */
  readonly repeatableBy: string | null;
}
