import { isEnumType, isInputObjectType, isObjectType, type GraphQLSchema } from 'graphql';
import type { Permission } from '../access/identity.js';

/** The table of rights, held against the schema. */
export type Rights = ReadonlyMap<string, Permission>;

/**
 * Fails when somebody has added a field to Query, Mutation or Subscription and said nothing of who may use it, or when a row
 * is of something that is not there, such as a misspelt field that everybody could read.
 */
export function checkRights(table: Readonly<Record<string, Permission>>, schema: GraphQLSchema): Rights {
  const rights = new Map(Object.entries(table));
  const problems = [
    ...rootFieldsOf(schema)
      .filter((coordinate) => !rights.has(coordinate))
      .map((coordinate) => `${coordinate} has no row`),
    ...[...rights.keys()]
      .filter((coordinate) => !isInSchema(coordinate, schema))
      .map((coordinate) => `${coordinate} is not in the schema`),
  ];
  if (problems.length > 0) throw new Error(`The table of rights is wrong: ${problems.join(', ')}`);
  return rights;
}

function rootFieldsOf(schema: GraphQLSchema): string[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
    type == null ? [] : Object.keys(type.getFields()).map((field) => `${type.name}.${field}`),
  );
}

function isInSchema(coordinate: string, schema: GraphQLSchema): boolean {
  const [typeName = '', member = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  if (isEnumType(type)) return type.getValue(member) !== undefined;
  return (isObjectType(type) || isInputObjectType(type)) && Object.hasOwn(type.getFields(), member);
}
