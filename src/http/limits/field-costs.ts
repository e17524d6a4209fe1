import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  type GraphQLSchema,
} from 'graphql';

/** What a field adds to the cost of an operation beside its value, and how long the lists are that it decides. */
export interface FieldCost {
  /** For what its values do not tell of: calls of the cluster, rows that are examined, a transaction. */
  readonly work?: number;
  /** Of its own list. */
  readonly items?: Items;
  /** Of these lists, which are fields of its value. */
  readonly itemsOf?: Readonly<Record<string, Items>>;
}

/** How many items a list has: as many as one of these arguments says, up to `max`; `otherwise` where none does. */
export interface Items {
  readonly by?: readonly string[];
  readonly max: number;
  readonly otherwise: number;
}

export type FieldCosts = ReadonlyMap<string, FieldCost>;

const always = (count: number): Items => ({ max: count, otherwise: count });

const page: Items = { by: ['first', 'last'], max: 200, otherwise: 20 };

// A call of the cluster. Employees by id share one.
const call = 10;
// It is repeated until all rows in the range of the filter are counted.
const count = 100;

const table: Readonly<Record<string, FieldCost>> = {
  'Query.employees': { work: call, itemsOf: { nodes: page, edges: page } },
  'EmployeeConnection.nodes': {},
  'EmployeeConnection.edges': {},
  'EmployeeConnection.totalCount': { work: count },
  'PageInfo.hasNextPage': { work: call },
  'PageInfo.hasPreviousPage': { work: call },
  'Query.leadershipHistory': { items: { by: ['last'], max: 1_000, otherwise: 20 } },
  // A replica set of seven, the largest that makes sense.
  'Topology.nodes': { items: always(7) },
  'Node.replication': { items: always(6) },
  'Mutation.addEmployee': { work: call },
  'Mutation.addEmployees': { work: call },
  'Mutation.updateEmployee': { work: call },
  'Mutation.removeEmployee': { work: call },
  'Mutation.transferLeadership': { work: call },
  'AddEmployeesPayload.employees': { items: always(100) },
};

/** By coordinate, such as `Query.employees`. A field that is not here costs its value. */
export function fieldCostsOf(schema: GraphQLSchema): FieldCosts {
  return new Map([...Object.entries(table), ...Object.entries(introspectionCosts(schema))]);
}

/** The lists of introspection, as long as they are in this schema on average: that is right where all types are read. */
function introspectionCosts(schema: GraphQLSchema): Readonly<Record<string, FieldCost>> {
  const types = Object.values(schema.getTypeMap());
  const directives = schema.getDirectives();
  const withFields = types.filter((type) => isObjectType(type) || isInterfaceType(type));
  const fields = withFields.flatMap((type) => Object.values(type.getFields()));
  const inputFields = types.filter(isInputObjectType).flatMap((type) => Object.values(type.getFields()));
  const enumValues = types.filter(isEnumType).flatMap((type) => type.getValues());
  const average = (items: readonly unknown[], owners: readonly unknown[]) => ({
    items: always(items.length / owners.length),
  });
  return {
    '__Schema.types': { items: always(types.length) },
    '__Schema.directives': { items: always(directives.length) },
    '__Type.fields': average(fields, types),
    '__Type.inputFields': average(inputFields, types),
    '__Type.enumValues': average(enumValues, types),
    '__Type.interfaces': average(
      withFields.flatMap((type) => type.getInterfaces()),
      types,
    ),
    '__Type.possibleTypes': average(
      types.flatMap((type) =>
        isInterfaceType(type) || isUnionType(type) ? schema.getPossibleTypes(type) : [],
      ),
      types,
    ),
    '__Field.args': average(
      fields.flatMap(({ args }) => args),
      fields,
    ),
    '__Directive.args': average(
      directives.flatMap(({ args }) => args),
      directives,
    ),
    '__Directive.locations': average(
      directives.flatMap(({ locations }) => locations),
      directives,
    ),
  };
}
