import { describe, expect, test } from 'vitest';
import { ApiError } from '../../../web/console/api/api-error.js';
import { parseChange, parseText, problemsOf, textOf } from '../../../web/console/state/employee-form.js';

const failure = (code: string, facts: { field?: string; reason?: string } = {}) =>
  new ApiError('In short', { code, field: null, reason: null, retryable: false, ...facts });

describe('an error of the gateway is shown', () => {
  test('at the field that it belongs to', () => {
    const error = failure('BAD_USER_INPUT', { field: 'input.salary', reason: 'must be a whole number' });
    expect(problemsOf(error)).toEqual({ salary: 'Must be a whole number.' });
  });

  test.each([undefined, 'input.expected', 'input.idempotencyKey', 'first'])(
    'above the buttons when it belongs to no field of the form (%s)',
    (field) => {
      const error = failure('EMPLOYEE_CHANGED', field === undefined ? {} : { field });
      expect(Object.keys(problemsOf(error))).toEqual(['form']);
    },
  );
});

test('a salary that is no whole number is told before anything is sent', () => {
  expect(parseText({ name: 'Ada', position: 'Engineer', salary: 'much' })).toEqual({
    problems: { salary: 'Must be a whole number.' },
  });
});

test('what is left to the gateway is sent as it was typed', () => {
  expect(parseText({ name: ' ', position: '', salary: '-5' })).toEqual({
    values: { name: ' ', position: '', salary: -5 },
  });
});

describe('a salary that may not be read', () => {
  const seen = { id: '1', name: 'Ada', position: 'Engineer', salary: null };

  test('is empty, not zero', () => {
    expect(textOf(seen).salary).toBe('');
  });

  test('stays as it is when none is typed', () => {
    const text = { name: 'Ada', position: 'Manager', salary: ' ' };
    expect(parseChange(text, seen)).toEqual({ values: { name: 'Ada', position: 'Manager' } });
  });

  test('may be set to another', () => {
    expect(parseChange({ ...textOf(seen), salary: '5,000' }, seen)).toMatchObject({
      values: { salary: 5000 },
    });
    expect(parseChange({ ...textOf(seen), salary: 'much' }, seen)).toHaveProperty('problems.salary');
  });
});

test('a salary that may be read cannot be left empty', () => {
  const seen = { id: '1', name: 'Ada', position: 'Engineer', salary: 6000 };
  expect(parseChange({ ...textOf(seen), salary: '' }, seen)).toHaveProperty('problems.salary');
});
