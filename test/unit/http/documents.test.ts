import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { createDocumentCache } from '../../../src/http/documents.js';
import { defaultLimits } from '../../../src/http/limits/limits.js';

const schema = buildSchema('type Query { name: String }');
const prepare = createDocumentCache(schema, {
  introspection: false,
  limits: { ...defaultLimits, tokens: 20 },
});
const codesOf = (text: string) => {
  const prepared = prepare(text);
  return 'errors' in prepared ? prepared.errors.map(({ extensions }) => extensions['code']) : [];
};

test('a valid document is parsed once', () => {
  const { document } = prepare('{ name }');
  expect(document).not.toBeNull();
  expect(prepare('{ name }').document).toBe(document);
});

test('what cannot be executed says why by a code', () => {
  expect(codesOf('{')).toEqual(['GRAPHQL_PARSE_FAILED']);
  expect(codesOf('{ salary }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(codesOf(`{ ${'name '.repeat(30)} }`)).toEqual(['LIMIT_EXCEEDED']);
});

test('the schema cannot be read where introspection is off', () => {
  expect(codesOf('{ __schema { types { name } } }')).toContain('GRAPHQL_VALIDATION_FAILED');
  expect(codesOf('{ __typename }')).toEqual([]);
});

test('it forgets what was not used for longest, and never more than it must', () => {
  const first = prepare('{ first: name }').document;
  const second = prepare('{ second: name }').document;
  // 180,000 characters: nearly all that is remembered.
  prepare(`{ name } # ${'x'.repeat(179_900)}`);
  expect(prepare('{ first: name }').document).toBe(first);
  prepare(`{ name } # ${'y'.repeat(20_100)}`);
  expect(prepare('{ first: name }').document).toBe(first);
  expect(prepare('{ second: name }').document).not.toBe(second);
});
