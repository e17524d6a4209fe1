import { describe, expect, test } from 'vitest';
import { createCheck, isRight } from '../../../src/bench/check-answer.js';

const expected = '{"data":{"employee":{"id":"7","name":"Ada"}}}';
const request = { body: '{}', expected };
const answer = (text: string, status = 200) => ({ status, chunks: [Buffer.from(text)] });

const added = (id: string) => `{"data":{"addEmployee":{"employee":{"id":${id},"name":"Ada"}}}}`;

describe('An answer is right', () => {
  test.each([
    ['as it was expected', expected],
    ['with the end of a line', `${expected}\n`],
    ['with extensions', `${expected.slice(0, -1)},"extensions":{"tracing":{}}}`],
  ])('%s', (_, text) => {
    expect(isRight(text, expected)).toBe(true);
  });

  test.each([
    ['another value', expected.replace('Ada', 'Bob')],
    ['an error beside the data', `${expected.slice(0, -1)},"errors":[]}`],
    ['another order of fields', '{"data":{"employee":{"name":"Ada","id":"7"}}}'],
    ['no JSON', 'Bad gateway'],
    ['nothing', ''],
  ])('but not with %s', (_, text) => {
    expect(isRight(text, expected)).toBe(false);
  });

  test('whatever number the cluster gives to a new employee', () => {
    expect(isRight(added('"1000923"'), added('"1000001"'))).toBe(true);
    expect(isRight(added('null'), added('"1000001"'))).toBe(false);
  });
});

describe('A check of one answer after another', () => {
  test('finds the first that is wrong', () => {
    const check = createCheck();
    expect(check(answer(expected), request)).toBeNull();
    expect(check(answer('{"errors":[]}'), request)).toMatch(/status 200 and \{"errors":\[\]\}/);
  });

  test('compares those whose length is another than before, and every 64th as a whole', () => {
    const check = createCheck();
    const wrong = answer(expected.replace('Ada', 'Bob'));
    expect(check(answer(`${expected}\n`), request)).toBeNull();
    expect(check(wrong, request)).not.toBeNull();
    const later = Array.from({ length: 63 }, () =>
      check(answer(`${expected.replace('Ada', 'Bob')}\n`), request),
    );
    expect(later.filter((problem) => problem !== null)).toHaveLength(1);
  });

  test('takes no other status', () => {
    expect(createCheck()(answer(expected, 500), request)).toMatch(/status 500/);
  });
});
