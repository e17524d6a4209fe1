import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Permission } from '../access/identity.js';
import { collectFields, fragmentsOf } from '../execution/collect-fields.js';
import type { Rights } from './check-rights.js';

/**
 * What an operation can need, whatever its variables are: of its root fields, also those that may be skipped, and of all
 * that their arguments could hold. Found out once for each operation of a document.
 */
export function createPermissionsAtMost(
  schema: GraphQLSchema,
  rights: Rights,
): (operation: OperationDefinitionNode, document: DocumentNode) => ReadonlySet<Permission> {
  const known = new WeakMap<OperationDefinitionNode, ReadonlySet<Permission>>();

  function find(operation: OperationDefinitionNode, document: DocumentNode): ReadonlySet<Permission> {
    const type = schema.getRootType(operation.operation);
    const needed = new Set<Permission>();
    const need = (coordinate: string): void => {
      const permission = rights.get(coordinate);
      if (permission !== undefined) needed.add(permission);
    };
    const fields = collectFields([operation.selectionSet], fragmentsOf(document));
    for (const node of [...fields.values()].flat()) {
      const field = type?.getFields()[node.name.value];
      if (type == null || field === undefined) continue;
      need(`${type.name}.${field.name}`);
      const given = new Set(node.arguments?.map(({ name }) => name.value));
      for (const { name, type: argumentType, defaultValue } of field.args) {
        if (given.has(name) || defaultValue !== undefined) coordinatesIn(argumentType).forEach(need);
      }
    }
    return needed;
  }

  return (operation, document) => {
    const before = known.get(operation);
    if (before !== undefined) return before;
    const found = find(operation, document);
    known.set(operation, found);
    return found;
  };
}

/** Every field of an input and every value of an enum that a value of this type can have in it. */
function coordinatesIn(type: GraphQLInputType, found = new Set<string>()): ReadonlySet<string> {
  if (isNonNullType(type) || isListType(type)) return coordinatesIn(type.ofType, found);
  if (isEnumType(type)) for (const { name } of type.getValues()) found.add(`${type.name}.${name}`);
  if (!isInputObjectType(type)) return found;
  for (const field of Object.values(type.getFields())) {
    const coordinate = `${type.name}.${field.name}`;
    if (found.has(coordinate)) continue;
    found.add(coordinate);
    coordinatesIn(field.type, found);
  }
  return found;
}
