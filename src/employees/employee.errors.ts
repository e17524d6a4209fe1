/** The id is taken. Nothing was applied. */
export class EmployeeExistsError extends Error {
  override readonly name = 'EmployeeExistsError';
  readonly id: number;
  /** Where the request says so, such as `input.employees[3].id`. */
  readonly field: string;

  constructor(id: number, field: string) {
    super(`Employee ${id} exists already`);
    this.id = id;
    this.field = field;
  }
}

/** Nobody has the id. Nothing was applied. */
export class EmployeeNotFoundError extends Error {
  override readonly name = 'EmployeeNotFoundError';
  readonly id: number;
  readonly field = 'input.id';

  constructor(id: number) {
    super(`Employee ${id} does not exist`);
    this.id = id;
  }
}

/** The employee is not, or no more, what the request expected. Nothing was applied. */
export class EmployeeChangedError extends Error {
  override readonly name = 'EmployeeChangedError';
  readonly id: number;
  readonly field = 'input.expected';

  constructor(id: number) {
    super(`Employee ${id} is not as expected: somebody has changed it`);
    this.id = id;
  }
}

/** The key was used with another operation or other arguments. Nothing was applied now. */
export class IdempotencyKeyReusedError extends Error {
  override readonly name = 'IdempotencyKeyReusedError';
  readonly idempotencyKey: string;

  constructor(idempotencyKey: string) {
    super('This idempotency key was used for another request');
    this.idempotencyKey = idempotencyKey;
  }
}

/** The cluster has no id left to give. Nothing was applied. */
export class IdsExhaustedError extends Error {
  override readonly name = 'IdsExhaustedError';

  constructor() {
    super('The cluster has no id left to give: choose one yourself');
  }
}

/** A mutation was sent and nobody said whether it took effect: asking again with the same key tells. */
export class MutationOutcomeUnknownError extends Error {
  override readonly name = 'MutationOutcomeUnknownError';
  readonly idempotencyKey: string;

  constructor(idempotencyKey: string, options: { cause: unknown }) {
    super('Nobody said whether the mutation took effect', options);
    this.idempotencyKey = idempotencyKey;
  }
}

/** The rows that a filter made the cluster examine were too many for one request. */
export class ScanUnfinishedError extends Error {
  override readonly name = 'ScanUnfinishedError';

  constructor() {
    super(
      'The deadline passed while rows were being examined: narrow the filter with eq, in, startsWith or a range',
    );
  }
}
