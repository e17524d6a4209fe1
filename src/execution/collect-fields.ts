import {
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type SelectionSetNode,
} from 'graphql';

/** The fields of a selection by the names under which they are answered, in the order of the answer. */
export type CollectedFields = ReadonlyMap<string, readonly FieldNode[]>;

/** A document that is left to graphql-js: what it holds depends on more than its text, or is asked for too rarely. */
export class NotPlannable extends Error {
  override readonly name = 'NotPlannable';
}

/**
 * CollectFields() of the GraphQL specification (October 2021, 6.3.2) for a schema in which each fragment that validation
 * lets through applies: one without interfaces and unions. Selections of the same field are merged.
 * @throws NotPlannable where a directive makes a selection depend on variables
 */
export function collectFields(
  selectionSets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): CollectedFields {
  const fields = new Map<string, FieldNode[]>();
  const visited = new Set<string>();

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.directives !== undefined && selection.directives.length > 0) throw new NotPlannable();
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const nodes = fields.get(key);
        if (nodes === undefined) fields.set(key, [selection]);
        else nodes.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        assertApplies(selection.typeCondition?.name.value ?? type.name, type);
        collect(selection.selectionSet);
      } else {
        const { value: name } = selection.name;
        const fragment = fragments.get(name);
        if (visited.has(name) || fragment === undefined) continue;
        visited.add(name);
        assertApplies(fragment.typeCondition.name.value, type);
        collect(fragment.selectionSet);
      }
    }
  }

  for (const selectionSet of selectionSets) collect(selectionSet);
  return fields;
}

function assertApplies(condition: string, type: GraphQLObjectType): void {
  if (condition !== type.name) throw new NotPlannable();
}
