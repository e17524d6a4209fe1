import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { OperationsError, typedOperations } from '../../../web/typed-operations.js';

const schema = /* GraphQL */ `
  enum Colour {
    RED
    BLUE
  }
  input Wish {
    colour: Colour! = RED
    sizes: [Int!]
    more: Wish
  }
  type Thing {
    id: ID!
    colour: Colour
    parts: [Thing!]!
    weight: Float
  }
  type Query {
    thing(id: ID!, wish: Wish): Thing
  }
`;

describe('typed operations', () => {
  test('say what is asked, and what may be null', () => {
    const text = typedOperations(schema, 'query Ask($id: ID!) { found: thing(id: $id) { id weight } }');
    expect(text).toContain(
      'Ask: Operation<{ readonly found: { readonly id: string; readonly weight: number | null; } | null; }, { readonly id: string; }>',
    );
  });

  test('name fragments, enums and inputs, and write them once', () => {
    const text = typedOperations(
      schema,
      `fragment Part on Thing { id colour }
       query Ask($wish: Wish) { thing(id: 1, wish: $wish) { ...Part parts { ...Part } } }`,
    );
    expect(text).toContain('export interface Part { readonly id: string; readonly colour: Colour | null; }');
    expect(text).toContain('Part & { readonly parts: readonly (Part)[]; }');
    expect(text.match(/export type Colour = 'RED' \| 'BLUE';/g)).toHaveLength(1);
    expect(text).toContain(
      'export interface Wish { readonly colour?: Colour; readonly sizes?: readonly (number)[] | null; readonly more?: Wish | null; }',
    );
    expect(text).toContain('fragment Part on Thing { id colour }');
  });

  test.each([
    ['a field that does not exist', 'query Ask { thing(id: 1) { name } }'],
    ['an argument of another type', 'query Ask { thing(id: [1]) { id } }'],
    ['a variable that nobody declared', 'query Ask { thing(id: $id) { id } }'],
    ['an operation without a name', '{ thing(id: 1) { id } }'],
  ])('refuse %s', (_what, operations) => {
    expect(() => typedOperations(schema, operations)).toThrow(OperationsError);
  });
});

const read = (path: string) => readFile(join(packageRoot, path), 'utf8');

test('the operations of the console fit the schema, and their types are what npm run pages writes', async () => {
  const written = typedOperations(
    await read('schema.graphql'),
    await read('web/console/api/operations.graphql'),
  );
  expect(await read('web/console/api/operations.ts')).toBe(written);
});
