import {
  getIntrospectionQuery,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type OperationDefinitionNode,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { buildGatewaySchema } from '../../../src/http/build-schema.js';
import { createCostMeter } from '../../../src/http/limits/cost.js';
import { fieldCostsOf } from '../../../src/http/limits/field-costs.js';
import { defaultLimits } from '../../../src/http/limits/limits.js';

const schema = buildGatewaySchema();
const measure = createCostMeter(schema);

function costOf(text: string, variables: Record<string, unknown> | null = null): number {
  const document = parse(text);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (operation === undefined) throw new Error('There is no operation');
  return measure({ document, operation, variables });
}

describe('the cost of an operation', () => {
  test.each<[number, string]>([
    [2, '{ employee(id: 1) { id } }'],
    [4, '{ a: employee(id: 1) { id } b: employee(id: 2) { id } }'],
    // Execution reads the same field once.
    [3, '{ employee(id: 1) { id } employee(id: 1) { id name ...F ...F } } fragment F on Employee { name }'],
    // A call of the cluster, the page, 20 employees and a value of each.
    [10 + 1 + 20 * 2, '{ employees { nodes { id } } }'],
    [10 + 1 + 3 * 2, '{ employees(first: 3) { nodes { id } } }'],
    [10 + 1 + 3 * 2, '{ employees(last: 3) { nodes { id } } }'],
    [10 + 1 + 20 * 2, '{ employees(first: null) { nodes { id } } }'],
    [10 + 1 + 3 * 3 + 3 * 2, '{ employees(first: 3) { edges { node { id } } nodes { id } } }'],
    [
      10 + 1 + 3 * 2,
      '{ employees(first: 3) { ...P } } fragment P on EmployeeConnection { ... { nodes { id } } }',
    ],
    [10 + 1 + 100 + 1, '{ employees { totalCount } }'],
    // Refused by its resolver, for no page is so large.
    [10 + 1 + 200 * 2, '{ employees(first: 1000000000) { nodes { id } } }'],
    [10 + 1 + 200 * 2, '{ employees(first: -1) { nodes { id } } }'],
    [1 + 7 * (1 + 1 + 6 * 2), '{ topology { nodes { name replication { peer } } } }'],
    [1_000 * 2, '{ leadershipHistory(last: 1000) { term } }'],
    [20 * 2, '{ leadershipHistory { term } }'],
    [2, 'subscription { leadershipChanged { term } }'],
    [10 + 2 + 1, 'mutation { removeEmployee(input: {id: 1}) { employee { id } } }'],
    [1, '{ __typename }'],
  ])('is %i: %s', (cost, text) => {
    expect(costOf(text)).toBe(cost);
  });

  test.each<[number, string, Record<string, unknown> | null]>([
    [10 + 1 + 3 * 2, '($n: Int)', { n: 3 }],
    [10 + 1 + 20 * 2, '($n: Int)', {}],
    [10 + 1 + 20 * 2, '($n: Int)', { n: null }],
    [10 + 1 + 5 * 2, '($n: Int = 5)', null],
    [10 + 1 + 5 * 2, '($n: Int = 5)', { other: 3 }],
    [10 + 1 + 20 * 2, '($n: Int = 5)', { n: null }],
    [10 + 1 + 3 * 2, '($n: Int = 5)', { n: 3 }],
    // No number at all: coercion refuses it a moment later.
    [10 + 1 + 200 * 2, '($n: Int)', { n: 'many' }],
    [10 + 1 + 200 * 2, '($n: Int)', { n: 1e9 }],
  ])('is %i where the size of a page comes from a variable: %s %j', (cost, definition, variables) => {
    expect(costOf(`query ${definition} { employees(first: $n) { nodes { id } } }`, variables)).toBe(cost);
  });

  test('leaves room for the queries with which tools read the schema', () => {
    expect(costOf(getIntrospectionQuery())).toBeLessThan(defaultLimits.cost / 2);
  });

  test('is a whole number where lists of introspection are taken as long as they are on average', () => {
    const cost = costOf('{ __schema { types { fields { args { name } } } } }');
    expect(Number.isInteger(cost)).toBe(true);
    expect(cost).toBeGreaterThan(Object.keys(schema.getTypeMap()).length);
  });
});

test('how long a list is follows from the table, for every list that an answer can have', () => {
  const costs = fieldCostsOf(schema);
  const decided = new Set<string>();
  const lists: string[] = [];
  for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
    for (const field of Object.values(type.getFields())) {
      const fieldType = isNonNullType(field.type) ? field.type.ofType : field.type;
      const coordinate = `${type.name}.${field.name}`;
      const cost = costs.get(coordinate);
      if (isListType(fieldType)) lists.push(coordinate);
      if (cost?.items !== undefined) decided.add(coordinate);
      const valueType = isNonNullType(field.type) ? field.type.ofType : field.type;
      for (const name of Object.keys(cost?.itemsOf ?? {})) decided.add(`${String(valueType)}.${name}`);
    }
  }
  expect([...decided].toSorted()).toEqual(lists.toSorted());
});
