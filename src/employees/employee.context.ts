import type { EmployeeFinder } from './employee.loader.js';
import type { EmployeeStore } from './employee.store.js';
import type { IdempotencyKeys } from './idempotency-keys.js';

/** What the resolvers of employees need of an operation. */
export interface EmployeeContext {
  readonly deadlineAt: number;
  readonly store: EmployeeStore;
  readonly finder: EmployeeFinder;
  readonly idempotencyKeys: IdempotencyKeys;
}
