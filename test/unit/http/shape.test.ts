import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { defaultLimits, type Limits } from '../../../src/http/limits/limits.js';
import { checkShape } from '../../../src/http/limits/shape.js';

/** The limit that a document exceeds, or null. */
function excessOf(text: string, limits: Partial<Limits>): unknown {
  try {
    checkShape(parse(text), { ...defaultLimits, ...limits });
    return null;
  } catch (error) {
    return error instanceof Error && 'extensions' in error ? error.extensions : error;
  }
}

describe('the shape of a document', () => {
  test.each<[string, string, Partial<Limits>]>([
    ['fields, as deep as they may be', '{ a { b { c } } }', { depth: 3 }],
    ['operations are as deep as the deepest of them', 'query A { a } query B { b { c } }', { depth: 2 }],
    ['fragments in place add no depth', '{ ... { ... on Q { a { b } } } }', { depth: 2 }],
    ['the same field twice is one at the root', '{ a ...F } fragment F on Q { a }', { rootFields: 1 }],
    [
      'a fragment that is spread twice at one place counts once',
      '{ ...F ...F } fragment F on Q { a: b }',
      { aliases: 1, overlaps: 0 },
    ],
    [
      'a fragment that spreads itself is for validation to refuse',
      '{ ...F } fragment F on Q { a ...F }',
      { selections: 4 },
    ],
    [
      'two that spread each other, too',
      '{ ...F } fragment F on Q { ...G } fragment G on Q { ...F }',
      { selections: 3 },
    ],
    ['a fragment that is not there, too', '{ ...F }', {}],
    ['fields under different names do not overlap', '{ a { x } b: a { x } }', { overlaps: 0 }],
  ])('passes: %s', (_name, text, limits) => {
    expect(excessOf(text, limits)).toBeNull();
  });

  test.each<[string, string, Partial<Limits>]>([
    [
      'depth, also through fragments',
      '{ a { ...F } } fragment F on A { b { ...G } } fragment G on B { c }',
      { depth: 2 },
    ],
    ['depth, of the operation that was not asked for', 'query A { a } query B { b { c } }', { depth: 1 }],
    ['rootFields, also through fragments', '{ a ...F } fragment F on Q { b c }', { rootFields: 2 }],
    [
      'aliases, wherever a fragment is spread',
      '{ a { ...F } b { ...F } } fragment F on A { x: y }',
      { aliases: 1 },
    ],
    [
      'selections, wherever a fragment is spread',
      '{ a { ...F } b { ...F } } fragment F on A { x }',
      { selections: 5 },
    ],
    ['overlaps, also below fields that overlap', '{ a { x } a { x } }', { overlaps: 1 }],
    [
      'overlaps, of fragments of one name, the second of which hides the first',
      '{ ...F } fragment F on Q { a a } fragment F on Q { b }',
      { overlaps: 0 },
    ],
    ['operations', 'query A { a } query B { b }', { operations: 1 }],
    ['operationName', 'query Long { a }', { operationName: 3 }],
  ])('refuses: %s', (name, text, limits) => {
    const [limit, max] = Object.entries(limits)[0] ?? [];
    expect(name).toMatch(new RegExp(`^${limit}`));
    expect(excessOf(text, limits)).toMatchObject({ code: 'LIMIT_EXCEEDED', limit, max });
  });
});
