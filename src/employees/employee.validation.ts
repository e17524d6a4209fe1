import { BadInputError } from '../bad-input.js';
import type { ExpectedEmployeeInput, NewEmployeeInput, UpdateEmployeeInput } from './employee.input.js';

/*
 * What GraphQL's types cannot say. The Lua functions hold the same limits: there they protect the data, here they give
 * the client a field and a reason, before anything is sent.
 */

// The greatest value of GraphQL's Int.
const maxSalary = 2_147_483_647;
// One transaction, replicated as a whole: long enough for an import in portions, short enough to hold nobody up.
const maxEmployeesPerRequest = 100;

/** Somebody to be added. */
export interface NewEmployee {
  /** Null: the cluster numbers it. */
  readonly id: number | null;
  readonly name: string;
  readonly position: string;
  readonly salary: number;
  /** Where it stands in the request, so that a later refusal can say so. */
  readonly path: string;
}

/** What is to be changed; what is absent stays. */
export interface EmployeeChanges {
  readonly name?: string;
  readonly position?: string;
  readonly salary?: number;
  /** What it must still be; nothing is changed otherwise. */
  readonly expected?: ExpectedEmployee;
}

/** Part of an employee; what is absent may be anything. */
export type ExpectedEmployee = Pick<EmployeeChanges, 'name' | 'position' | 'salary'>;

/** Canonical decimals only: `1e3`, `01` and `1.0` would give one employee several ids in a client's cache. */
export function parseEmployeeId(text: string, field: string): number {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0;
  if (id === 0 || !Number.isSafeInteger(id)) {
    throw new BadInputError(field, `must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`);
  }
  return id;
}

/** Visible ASCII, so that it survives an HTTP header. */
export function isIdempotencyKey(text: string): boolean {
  return /^[\x21-\x7e]{1,128}$/.test(text);
}

export function parseIdempotencyKey(text: string, field: string): string {
  if (!isIdempotencyKey(text)) throw new BadInputError(field, 'must be 1 to 128 visible ASCII characters');
  return text;
}

export function parseNewEmployee(input: NewEmployeeInput, path: string): NewEmployee {
  return {
    id: input.id == null ? null : parseEmployeeId(input.id, `${path}.id`),
    name: parseText(input.name, `${path}.name`),
    position: parseText(input.position, `${path}.position`),
    salary: parseSalary(input.salary, `${path}.salary`),
    path,
  };
}

export function parseNewEmployees(inputs: readonly NewEmployeeInput[], path: string): NewEmployee[] {
  if (inputs.length === 0 || inputs.length > maxEmployeesPerRequest) {
    throw new BadInputError(path, `must hold 1 to ${maxEmployeesPerRequest} employees, not ${inputs.length}`);
  }
  const employees = inputs.map((input, index) => parseNewEmployee(input, `${path}[${index}]`));
  const paths = new Map<number, string>();
  for (const { id, path: own } of employees) {
    if (id === null) continue;
    const other = paths.get(id);
    if (other !== undefined) throw new BadInputError(`${own}.id`, `must differ from ${other}.id`);
    paths.set(id, own);
  }
  return employees;
}

export function parseChanges(input: UpdateEmployeeInput): EmployeeChanges {
  const { name, position, salary, expected } = input;
  if (name === undefined && position === undefined && salary === undefined) {
    throw new BadInputError('input', 'must have at least one of name, position and salary');
  }
  return {
    ...(name !== undefined && { name: parseText(notNull(name, 'input.name'), 'input.name') }),
    ...(position !== undefined && {
      position: parseText(notNull(position, 'input.position'), 'input.position'),
    }),
    ...(salary !== undefined && { salary: parseSalary(notNull(salary, 'input.salary'), 'input.salary') }),
    ...(expected != null && { expected: parseExpected(expected) }),
  };
}

/** A value that nobody could have is no mistake here: it is what nobody has. */
function parseExpected({ name, position, salary }: ExpectedEmployeeInput): ExpectedEmployee {
  return {
    ...(name != null && { name }),
    ...(position != null && { position }),
    ...(salary != null && { salary }),
  };
}

// Characters, not UTF-16 units.
const fitting = /^.{1,200}$/su;
// Cc: C0, DEL and C1. Cs: half a surrogate pair, which UTF-8 cannot hold.
const forbiddenInText = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

function parseText(text: string, field: string): string {
  if (!fitting.test(text)) throw new BadInputError(field, 'must be 1 to 200 characters long');
  if (text.trim() === '') throw new BadInputError(field, 'must not be blank');
  if (forbiddenInText.test(text)) throw new BadInputError(field, 'must not contain control characters');
  return text;
}

function parseSalary(salary: number, field: string): number {
  if (!Number.isInteger(salary) || salary < 0 || salary > maxSalary) {
    throw new BadInputError(field, `must be a whole number from 0 to ${maxSalary}`);
  }
  return salary;
}

// A null could mean "clear it", which none of these fields allows.
function notNull<T>(value: T | null, field: string): T {
  if (value === null) throw new BadInputError(field, 'must not be null: leave it out to keep what is there');
  return value;
}
