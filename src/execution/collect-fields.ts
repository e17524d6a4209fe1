import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Fields by their name in the answer, in its order. */
export type FieldsAtPlace = ReadonlyMap<string, readonly FieldNode[]>;

/** The fragments of a document by name. Of several with one name, which validation refuses, the last. */
export function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/**
 * The fields at one place of the answer, as execution collects them (CollectFields() of the GraphQL specification, October
 * 2021, 6.3.2): out of all selection sets that stand for it, and out of fragments, each once, so that one which spreads
 * itself ends there. Directives and conditions on types are for `look`, which sees every selection that is met: what it
 * throws ends the search, and false leaves the selection out.
 */
export function collectFields(
  sets: readonly SelectionSetNode[],
  fragments: Fragments,
  look: (selection: SelectionNode) => boolean | void = () => undefined,
): FieldsAtPlace {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  const gather = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (look(selection) === false) continue;
      if (selection.kind === Kind.FIELD) add(fields, selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) gather(selection.selectionSet);
      else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) gather(fragment.selectionSet);
      }
    }
  };
  for (const set of sets) gather(set);
  return fields;
}

function add(fields: Map<string, FieldNode[]>, field: FieldNode): void {
  const name = (field.alias ?? field.name).value;
  const alike = fields.get(name);
  if (alike === undefined) fields.set(name, [field]);
  else alike.push(field);
}

/** What is selected inside fields that stand for the same value. */
export const selectionsInside = (alike: readonly FieldNode[]): readonly SelectionSetNode[] =>
  alike.flatMap(({ selectionSet }) => selectionSet ?? []);
