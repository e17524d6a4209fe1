import {
  getArgumentValues,
  getDirectiveValues,
  getVariableValues,
  GraphQLError,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  type SelectionNode,
} from 'graphql';
import type { Identity, Permission } from '../access/identity.js';
import { collectFields, fragmentsOf } from '../execution/collect-fields.js';
import type { Rights } from './check-rights.js';
import { createPermissionsAtMost } from './permissions-at-most.js';
import type { ValidOperation } from './pipeline.js';

type Variables = Readonly<Record<string, unknown>>;

/** Why who sends an operation may not have it executed; null when they may. */
export type Authorise = (operation: ValidOperation, identity: Identity) => GraphQLError | null;

/**
 * Refuses whole operations, before anything of them is executed: for their root fields, and for what stands in the
 * arguments of these, wherever its value comes from. Fields further down are withheld one by one: withhold-fields.ts.
 */
export function createAuthoriser(schema: GraphQLSchema, rights: Rights): Authorise {
  const permissionsAtMost = createPermissionsAtMost(schema, rights);
  return ({ document, operation, variables: given }, identity) => {
    // Who may do all that this operation could be need not have its variables looked at.
    if (holdsAll(identity, permissionsAtMost(operation, document))) return null;
    const type = schema.getRootType(operation.operation);
    // Values that are not of their types: then nothing is executed, and execution says why.
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given ?? {});
    if (type == null || coerced === undefined) return null;
    const look = (selection: SelectionNode) => !isSkipped(selection, coerced);
    const fields = collectFields([operation.selectionSet], fragmentsOf(document), look);
    for (const node of [...fields.values()].flat()) {
      const field = type.getFields()[node.name.value];
      // `__typename`, `__schema` and `__type`: what can be asked is no secret.
      if (field === undefined) continue;
      for (const coordinate of coordinatesOf(field, type.name, node, coerced)) {
        const permission = rights.get(coordinate);
        if (permission === undefined || identity.permissions.has(permission)) continue;
        return refusal(coordinate, permission, node);
      }
    }
    return null;
  };
}

function holdsAll({ permissions }: Identity, needed: ReadonlySet<Permission>): boolean {
  for (const permission of needed) if (!permissions.has(permission)) return false;
  return true;
}

function refusal(coordinate: string, permission: Permission, node: FieldNode): GraphQLError {
  return new GraphQLError(`${coordinate} needs the permission ${permission}`, {
    nodes: node,
    path: [(node.alias ?? node.name).value],
    extensions: { code: 'FORBIDDEN', coordinate, permission, http: { status: 403 } },
  });
}

function isSkipped(selection: SelectionNode, variables: Variables): boolean {
  try {
    return (
      getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'] === true ||
      getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'] === false
    );
  } catch {
    // A null where a Boolean is needed. Execution refuses it; until then it counts as asked for.
    return false;
  }
}

/** The field itself, and all that is given a value in its arguments: literals, variables and defaults alike. */
function* coordinatesOf(
  field: GraphQLField<unknown, unknown>,
  typeName: string,
  node: FieldNode,
  variables: Variables,
): Generator<string> {
  yield `${typeName}.${field.name}`;
  let values: Variables;
  try {
    values = getArgumentValues(field, node, variables);
  } catch {
    // One is missing or null where none may be: execution finds the same, and does not call the field.
    return;
  }
  for (const { name, type } of field.args) yield* coordinatesIn(values[name], type);
}

function* coordinatesIn(value: unknown, type: GraphQLInputType): Generator<string> {
  if (value == null) return;
  if (isNonNullType(type)) {
    yield* coordinatesIn(value, type.ofType);
  } else if (isListType(type)) {
    for (const item of Array.isArray(value) ? value : []) yield* coordinatesIn(item, type.ofType);
  } else if (isEnumType(type)) {
    yield `${type.name}.${String(type.serialize(value))}`;
  } else if (isInputObjectType(type)) {
    const fields = new Map(Object.entries(value));
    for (const { name, type: fieldType } of Object.values(type.getFields())) {
      if (fields.get(name) == null) continue;
      yield `${type.name}.${name}`;
      yield* coordinatesIn(fields.get(name), fieldType);
    }
  }
}
