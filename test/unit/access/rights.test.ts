import { buildSchema, isEnumType, isInputObjectType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import type { Permission } from '../../../src/access/identity.js';
import { rights } from '../../../src/access/rights.js';
import { buildGatewaySchema } from '../../../src/http/build-schema.js';
import { checkRights } from '../../../src/http/check-rights.js';

const small = buildSchema('type Query { one: Int two: Int } enum Color { RED } input Mix { color: Color }');
const read: Permission = 'employees:read';
const complete = { 'Query.one': read, 'Query.two': read };

test('every root field has a row, and every row is of something in the schema', () => {
  expect(() => checkRights(rights, buildGatewaySchema())).not.toThrow();
});

test('a root field without a row is found', () => {
  expect(() => checkRights({ 'Query.one': read }, small)).toThrow('Query.two has no row');
});

test.each(['Query.three', 'Nothing.one', 'Query', 'Color.BLUE', 'Mix.colour', 'Int.one'])(
  'a row of something that is not there is found: %s',
  (coordinate) => {
    expect(() => checkRights({ ...complete, [coordinate]: read }, small)).toThrow(
      `${coordinate} is not in the schema`,
    );
  },
);

test('a row may be of a field, of an input or of a value', () => {
  expect(() => checkRights({ ...complete, 'Color.RED': read, 'Mix.color': read }, small)).not.toThrow();
});

test('whatever is called salary in the schema has a row, or is a salary that somebody writes', () => {
  const written = ['AddEmployeeInput.salary', 'NewEmployeeInput.salary', 'UpdateEmployeeInput.salary'];
  const found = Object.values(buildGatewaySchema().getTypeMap()).flatMap((type) => {
    if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
    if (!isObjectType(type) && !isInputObjectType(type)) return [];
    return Object.keys(type.getFields()).map((name) => `${type.name}.${name}`);
  });
  const salaries = found.filter((coordinate) => /salar/i.test(coordinate)).toSorted();
  const guarded = Object.keys(rights).filter((coordinate) => rights[coordinate] === 'salaries:read');
  expect(salaries).toEqual([...guarded, ...written].toSorted());
});
