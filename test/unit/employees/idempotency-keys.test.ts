import { expect, test } from 'vitest';
import { createIdempotencyKeys } from '../../../src/employees/idempotency-keys.js';

test('the key of the input wins over the one of the header', () => {
  const keys = createIdempotencyKeys('header');
  expect(keys.next('mine', 'a')).toBe('mine');
  expect(keys.next(null, 'b')).toBe('header');
});

test('several mutations share a header without sharing a key, in the same way each time', () => {
  for (const keys of [createIdempotencyKeys('header'), createIdempotencyKeys('header')]) {
    const taken = ['a', 'b', 'c'].map((alias) => keys.next(undefined, alias));
    expect(taken).toEqual(['header', 'header:b', 'header:c']);
  }
});

test('without either, each mutation gets a key of its own', () => {
  const keys = createIdempotencyKeys(null);
  const [a, b] = [keys.next(null, 'a'), keys.next(undefined, 'b')];
  expect(a).toMatch(/^[\da-f-]{36}$/);
  expect(a).not.toBe(b);
});

test('a bad key is refused by the name of where it came from', () => {
  expect(() => createIdempotencyKeys('a b').next(null, 'a')).toThrow('Idempotency-Key must be');
  expect(() => createIdempotencyKeys(null).next('', 'a')).toThrow('input.idempotencyKey must be');
});
