import { expect, test } from 'vitest';
import { ApiError } from '../../../web/console/api/api-error.js';
import { type Answer, readAnswer } from '../../../web/console/api/read-answer.js';

const data = { employee: { name: 'Ada', salary: null } };
const withheld = {
  message: 'Not for you',
  path: ['employee', 'salary'],
  extensions: { code: 'FORBIDDEN' },
};
const bad = {
  message: 'Bad',
  path: ['other'],
  extensions: { code: 'BAD_USER_INPUT', field: 'id', reason: 'must be good' },
};

const refusalOf = (answer: Answer<unknown>): unknown => {
  try {
    return { answered: readAnswer(answer) };
  } catch (error) {
    return error;
  }
};

test('an answer in which fields are withheld is an answer', () => {
  expect(readAnswer({ data, errors: [withheld, withheld] })).toBe(data);
});

test('any other error is thrown, wherever it stands', () => {
  const error = refusalOf({ data, errors: [withheld, bad] });
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'id',
    reason: 'must be good',
    retryable: false,
  });
});

test('what is refused as a whole is thrown', () => {
  const refusal = { ...withheld, path: ['employee'] };
  expect(refusalOf({ errors: [refusal] })).toMatchObject({ code: 'FORBIDDEN' });
  expect(refusalOf({ data, errors: [refusal] })).toMatchObject({ code: 'FORBIDDEN' });
  expect(refusalOf({ data: null, errors: [withheld] })).toMatchObject({ code: 'FORBIDDEN' });
});

test('an answer without anything in it is none', () => {
  expect(refusalOf({})).toMatchObject({ code: 'NO_ANSWER', retryable: true });
});
