import { describe, expect, test } from 'vitest';
import { BadInputError } from '../../../src/bad-input.js';
import {
  parseChanges,
  parseEmployeeId,
  parseIdempotencyKey,
  parseNewEmployee,
  parseNewEmployees,
} from '../../../src/employees/employee.validation.js';

const john = { name: 'John Doe', position: 'Manager', salary: 5000 };

function refusalOf(run: () => unknown): { field: string; reason: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof BadInputError) return { field: error.field, reason: error.reason };
    throw error;
  }
  throw new Error('It was accepted');
}

describe('an employee id', () => {
  test.each([
    ['1', 1],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('may be %s', (text, id) => {
    expect(parseEmployeeId(text, 'id')).toBe(id);
  });

  test.each([
    '',
    '0',
    '-1',
    '01',
    '+1',
    '1.0',
    '1.5',
    '1e3',
    ' 1',
    '١',
    '9007199254740992',
    '99999999999999999',
    'x',
  ])('may not be %j', (text) => {
    const { field, reason } = refusalOf(() => parseEmployeeId(text, 'input.id'));
    expect(field).toBe('input.id');
    expect(reason).toBe('must be a whole number from 1 to 9007199254740991');
  });
});

describe('a name', () => {
  test.each(['x', 'Ñandú', '👩‍💻', 'x'.repeat(200), '💼'.repeat(200), " O'Hara "])('may be %j', (name) => {
    expect(parseNewEmployee({ ...john, name }, 'input').name).toBe(name);
  });

  test.each([
    ['', 'must be 1 to 200 characters long'],
    ['x'.repeat(201), 'must be 1 to 200 characters long'],
    ['x'.repeat(10_000), 'must be 1 to 200 characters long'],
    [' \u00a0\u3000 ', 'must not be blank'],
    ['a\u0000b', 'must not contain control characters'],
    ['a\nb', 'must not contain control characters'],
    ['a\u007fb', 'must not contain control characters'],
    ['a\u0085b', 'must not contain control characters'],
    ['a\u2028b', 'must not contain control characters'],
    ['a\ud800b', 'must not contain control characters'],
  ])('may not be %j', (name, reason) => {
    expect(refusalOf(() => parseNewEmployee({ ...john, name }, 'input'))).toEqual({
      field: 'input.name',
      reason,
    });
    expect(refusalOf(() => parseChanges({ id: '1', name }))).toEqual({ field: 'input.name', reason });
  });
});

test.each([-1, 1.5, 2_147_483_648, Number.NaN])('a salary may not be %d', (salary) => {
  expect(refusalOf(() => parseNewEmployee({ ...john, salary }, 'input'))).toEqual({
    field: 'input.salary',
    reason: 'must be a whole number from 0 to 2147483647',
  });
});

describe('a list of new employees', () => {
  test('says which of them is wrong', () => {
    const employees = [john, john, john, { ...john, salary: -1 }];
    expect(refusalOf(() => parseNewEmployees(employees, 'input.employees')).field).toBe(
      'input.employees[3].salary',
    );
  });

  test.each([0, 101])('may not have %d entries', (length) => {
    const employees = Array.from({ length }, () => john);
    expect(refusalOf(() => parseNewEmployees(employees, 'input.employees'))).toEqual({
      field: 'input.employees',
      reason: `must hold 1 to 100 employees, not ${length}`,
    });
  });

  test('may not give one id twice', () => {
    const employees = [{ ...john, id: '7' }, john, { ...john, id: '7' }];
    expect(refusalOf(() => parseNewEmployees(employees, 'input.employees'))).toEqual({
      field: 'input.employees[2].id',
      reason: 'must differ from input.employees[0].id',
    });
  });
});

describe('a change', () => {
  test('names only what is to change', () => {
    expect(parseChanges({ id: '1', salary: 0 })).toEqual({ salary: 0 });
  });

  test('must change something', () => {
    expect(refusalOf(() => parseChanges({ id: '1' })).field).toBe('input');
  });

  test.each(['name', 'position', 'salary'])('cannot clear the %s', (field) => {
    expect(refusalOf(() => parseChanges({ id: '1', [field]: null })).field).toBe(`input.${field}`);
  });
});

test.each(['', 'a b', 'é', 'x'.repeat(129), 'a\n'])('an idempotency key may not be %j', (key) => {
  expect(refusalOf(() => parseIdempotencyKey(key, 'input.idempotencyKey')).field).toBe(
    'input.idempotencyKey',
  );
});
