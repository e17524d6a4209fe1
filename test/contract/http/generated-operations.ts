import * as fc from 'fast-check';
import {
  astFromValue,
  isInputObjectType,
  isNonNullType,
  OperationTypeNode,
  print,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import { fingerprintOf } from '../../../src/employees/cursor.js';

/*
 * Valid operations on employees, in all the ways in which GraphQL can write them: values as literals, in variables, in
 * defaults; fields in fragments, under aliases, included and skipped. Few values of everything, so that they meet.
 */

export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Writes an operation down. `cursors` are those that were answered so far: it may take one of them. */
export type GeneratedOperation = (schema: GraphQLSchema, cursors: readonly string[]) => Operation;

export const text = fc.constantFrom('a', 'b', 'ab');
export const salary = fc.integer({ min: 0, max: 3 });
export const id = fc.integer({ min: 1, max: 6 });
export const idempotencyKey = fc.constantFrom('one', 'two', 'three');

const few = { maxLength: 2 };
const optional: { requiredKeys: [] } = { requiredKeys: [] };
const stringFilter = fc.record(
  { eq: text, in: fc.array(text, few), startsWith: text, contains: text },
  optional,
);
const intFilter = fc.record(
  { eq: salary, in: fc.array(salary, few), gt: salary, gte: salary, lt: salary, lte: salary },
  optional,
);
const filter = fc.oneof(
  { weight: 3, arbitrary: fc.record({ name: stringFilter, position: stringFilter }, optional) },
  fc.record({ name: stringFilter, salary: intFilter }, { requiredKeys: ['salary'] }),
);
const orderBy = fc.record({
  field: fc.constantFrom('ID', 'NAME', 'POSITION', 'NAME', 'POSITION', 'SALARY'),
  direction: fc.constantFrom('ASC', 'DESC'),
});

/** One that was answered, by its number; or one that somebody has made, of any order. */
class AnsweredCursor {
  constructor(readonly index: number) {}
}
const madeCursor = fc
  .tuple(fc.constantFrom('id', 'name', 'position', 'salary'), fc.oneof(text, salary), id)
  .map(([order, value, of]) => [order, fingerprintOf({}), ...(order === 'id' ? [] : [value]), of])
  .map((parts) => Buffer.from(JSON.stringify(parts)).toString('base64url'));
const cursor = fc.oneof(
  fc.nat({ max: 30 }).map((index) => new AnsweredCursor(index)),
  madeCursor,
);

const pageSize = fc.integer({ min: 1, max: 4 });
const read = fc.record({ consistency: fc.constantFrom('LEADER', 'REPLICA', 'LINEARIZABLE') });
const listArguments = fc
  .record({ size: pageSize, end: fc.constantFrom('first', 'last') })
  .chain(({ size, end }) =>
    fc.record({ [end]: fc.constant(size), after: cursor, before: cursor, filter, orderBy, read }, optional),
  );

const newEmployee = fc.record(
  { id: id.map(String), name: text, position: text, salary },
  { requiredKeys: ['name', 'position', 'salary'] },
);
const change = fc.record(
  {
    id: id.map(String),
    name: text,
    position: text,
    salary,
    expected: fc.oneof(
      { weight: 2, arbitrary: fc.record({ name: text, position: text }, optional) },
      fc.record({ name: text, salary }, optional),
    ),
    idempotencyKey,
  },
  { requiredKeys: ['id', 'salary', 'idempotencyKey'] },
);
const newEmployees = fc.record({
  employees: fc.array(newEmployee, { minLength: 1, maxLength: 2 }),
  idempotencyKey,
});
const withKey = (input: fc.Arbitrary<object>) =>
  fc.tuple(input, idempotencyKey).map(([values, key]) => ({ ...values, idempotencyKey: key }));

const ofEmployee = fc
  .subarray(
    ['id', 'name', 'position', 'salary', 'pay: salary', '...Pay', '... { ... on Employee { salary } }'],
    {
      minLength: 1,
    },
  )
  .map((fields) => fields.join(' '));
const ofPage = fc
  .tuple(ofEmployee, fc.subarray(['nodes', 'edges', 'pageInfo', 'totalCount'], { minLength: 1 }))
  .map(([of, fields]) =>
    fields
      .join(' ')
      .replace('nodes', `nodes { ${of} }`)
      .replace('edges', `edges { cursor node { ${of} } }`)
      .replace('pageInfo', 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'),
  );
const ofPayload = ofEmployee.map((of) => `bookmark employee { ${of} }`);
const ofPayloads = ofEmployee.map((of) => `bookmark employees { ${of} }`);

interface Field {
  readonly name: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly selection: string;
  /** How the values of its arguments are written. */
  readonly values: 'literal' | 'variable' | 'default' | 'inside';
  readonly place: 'operation' | 'inline' | 'fragment' | 'included';
}

function field(name: string, given: fc.Arbitrary<object>, selection: fc.Arbitrary<string>) {
  return fc.record<Field>({
    name: fc.constant(name),
    given: given.map((values) => ({ ...values })),
    selection,
    values: fc.constantFrom('literal', 'variable', 'default', 'inside'),
    place: fc.constantFrom('operation', 'inline', 'fragment', 'included'),
  });
}

const queries = fc.oneof(field('employee', fc.record({ id: id.map(String) }), ofEmployee), {
  weight: 4,
  arbitrary: field('employees', listArguments, ofPage),
});
const input = (value: fc.Arbitrary<object>) => fc.record({ input: value });
const mutations = fc.oneof(
  field('addEmployee', input(withKey(newEmployee)), ofPayload),
  field('addEmployees', input(newEmployees), ofPayloads),
  { weight: 2, arbitrary: field('updateEmployee', input(change), ofPayload) },
  field('removeEmployee', input(withKey(fc.record({ id: id.map(String) }))), ofPayload),
);

const oneOrTwo = { minLength: 1, maxLength: 2 };
export const operations: fc.Arbitrary<GeneratedOperation> = fc.oneof(
  fc.array(queries, oneOrTwo).map(writer(OperationTypeNode.QUERY)),
  fc.array(mutations, oneOrTwo).map(writer(OperationTypeNode.MUTATION)),
);

function writer(kind: OperationTypeNode) {
  return (fields: readonly Field[]): GeneratedOperation =>
    (schema, cursors) => {
      const type = schema.getRootType(kind);
      const definitions = new Definitions();
      const selections = fields.map(({ name, given, selection, values, place }, index) => {
        const list = Object.entries(given).map(([argument, value]) => {
          const argumentType = type?.getFields()[name]?.args.find((arg) => arg.name === argument)?.type;
          if (argumentType === undefined) throw new Error(`${name} has no ${argument}`);
          const known = value instanceof AnsweredCursor ? pick(cursors, value.index) : value;
          return `${argument}: ${definitions.value(argumentType, known, values)}`;
        });
        const called = `f${index}: ${name}${list.length === 0 ? '' : `(${list.join(' ')})`}`;
        switch (place) {
          case 'operation':
            return `${called} { ${selection} }`;
          case 'included':
            return `${called} @include(if: $yes) @skip(if: $no) { ${selection} }`;
          case 'inline':
            return `... { ... on ${type?.name} { ${called} { ${selection} } } }`;
          case 'fragment':
            return definitions.fragment(`on ${type?.name} { ${called} { ${selection} } }`);
          default:
            return place satisfies never;
        }
      });
      return definitions.operation(kind, selections);
    };
}

/** A cursor of no list, as long as none was answered. */
const pick = (cursors: readonly string[], index: number): string =>
  cursors[index % Math.max(1, cursors.length)] ?? 'none';

/** What a document has beside its operation, and the variables that go with it. */
class Definitions {
  readonly #variables: Record<string, unknown> = { yes: true, no: false };
  readonly #types = ['$yes: Boolean!', '$no: Boolean!'];
  readonly #fragments = [
    'fragment Pay on Employee { paid: salary @include(if: $yes) unpaid: salary @include(if: $no) }',
  ];

  value(type: GraphQLInputType, value: unknown, how: Field['values']): string {
    if (how === 'literal') return literal(type, value);
    const inner = isNonNullType(type) ? type.ofType : type;
    const isDefault = how === 'default';
    if (how !== 'inside' || !isInputObjectType(inner)) return this.#variable(type, value, isDefault);
    const members = Object.entries(Object(value)).map(([name, member]) => {
      const memberType = inner.getFields()[name]?.type;
      if (memberType === undefined) throw new Error(`${inner.name} has no ${name}`);
      return `${name}: ${this.#variable(memberType, member, false)}`;
    });
    return `{ ${members.join(' ')} }`;
  }

  fragment(definition: string): string {
    const name = `Part${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} ${definition}`);
    return `...${name}`;
  }

  operation(kind: string, selections: readonly string[]): Operation {
    const head = `${kind} (${this.#types.join(' ')})`;
    return {
      query: `${head} { ${selections.join(' ')} } ${this.#fragments.join(' ')}`,
      variables: this.#variables,
    };
  }

  #variable(type: GraphQLInputType, value: unknown, isDefault: boolean): string {
    const name = `v${this.#types.length}`;
    this.#types.push(`$${name}: ${String(type)}${isDefault ? ` = ${literal(type, value)}` : ''}`);
    if (!isDefault) this.#variables[name] = value;
    return `$${name}`;
  }
}

function literal(type: GraphQLInputType, value: unknown): string {
  const node = astFromValue(value, type);
  return node == null ? 'null' : print(node);
}
