import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { getMetadataStorage } from 'type-graphql';

type Metadata = ReturnType<typeof getMetadataStorage>['queries'][number];
type Parameter = NonNullable<Metadata['params']>[number];
type Resolver = GraphQLFieldResolver<unknown, unknown, Readonly<Record<string, unknown>>>;
type Reader = (...given: Parameters<Resolver>) => unknown;

/**
 * Has queries and mutations call their methods directly. type-graphql makes a promise for each argument, also where nothing is
 * validated, and looks up how to make an instance of its class each time it gets one: for a hundred aliases that takes
 * longer than finding the employees. Here arguments stay the plain objects that graphql-js has checked, which is all that our
 * methods ask of them. What has middleware, or parameters of other kinds, is left as it is.
 */
export function callDirectly(schema: GraphQLSchema): void {
  const { queries, mutations } = getMetadataStorage();
  callMethods(schema.getQueryType(), queries);
  callMethods(schema.getMutationType(), mutations);
}

function callMethods(type: GraphQLObjectType | null | undefined, all: readonly Metadata[]): void {
  const instances = new Map<unknown, unknown>();
  for (const metadata of all) {
    const field = type?.getFields()[metadata.schemaName];
    const resolve = directResolver(metadata, instances);
    if (field !== undefined && resolve !== null) field.resolve = resolve;
  }
}

function directResolver(
  { target, methodName, params = [], middlewares = [] }: Metadata,
  instances: Map<unknown, unknown>,
): Resolver | null {
  const readers = params.toSorted((one, other) => one.index - other.index).map(readerOf);
  if (middlewares.length > 0 || readers.includes(null)) return null;
  const instance = instances.get(target) ?? Reflect.construct(target, []);
  instances.set(target, instance);
  const method: unknown = Reflect.get(Object(instance), methodName);
  if (typeof method !== 'function') return null;
  return (...given) =>
    method.apply(
      instance,
      readers.map((read) => read?.(...given)),
    );
}

/** Null for what type-graphql is to find out itself. */
function readerOf(parameter: Parameter): Reader | null {
  switch (parameter.kind) {
    case 'arg':
      return (_source, args) => args[parameter.name];
    case 'args':
      return (_source, args) => args;
    case 'context':
      return parameter.propertyName === undefined ? (_source, _args, context) => context : null;
    case 'info':
      return (_source, _args, _context, info) => info;
    case 'root':
    case 'pubSub':
    case 'custom':
      return null;
    default:
      return parameter satisfies never;
  }
}
