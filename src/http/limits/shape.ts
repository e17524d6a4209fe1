import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import {
  collectFields,
  fragmentsOf,
  selectionsInside,
  type FieldsAtPlace,
  type Fragments,
} from '../../execution/collect-fields.js';
import { limitExceeded } from './limit-exceeded.js';
import type { Limits } from './limits.js';

/**
 * Looks at a document as execution would walk it, before validation does: fragments are followed wherever they are
 * spread, and fields of the same name at the same place of the answer come together. The number of selections bounds the
 * work, also where fragments spread each other.
 * @throws GraphQLError with LIMIT_EXCEEDED
 */
export function checkShape(document: DocumentNode, limits: Limits): void {
  const operations = document.definitions.filter(isOperation);
  const { operations: max } = limits;
  const { length: actual } = operations;
  if (actual > max) {
    throw limitExceeded('operations', `A document may have ${max} operations at most`, { max, actual });
  }
  for (const operation of operations) checkName(operation, limits);

  const fragments = document.definitions.filter(isFragment);
  const walk = new Walk(fragmentsOf(document), limits);
  for (const { selectionSet } of operations) walk.follow([selectionSet], 1);
  // What nothing refers to is not run, but it is validated.
  for (const fragment of fragments) if (!walk.hasReached(fragment)) walk.follow([fragment.selectionSet], 2);
}

function checkName({ name }: OperationDefinitionNode, { operationName: max }: Limits): void {
  if (name === undefined || name.value.length <= max) return;
  throw limitExceeded('operationName', `The name of an operation may have ${max} characters at most`, {
    max,
    actual: name.value.length,
    nodes: [name],
  });
}

class Walk {
  readonly #fragments: Fragments;
  readonly #limits: Limits;
  readonly #reached = new Set<FragmentDefinitionNode>();
  #selections = 0;
  #aliases = 0;
  #overlaps = 0;

  constructor(fragments: Fragments, limits: Limits) {
    this.#fragments = fragments;
    this.#limits = limits;
  }

  /** Two may have one name: then only one is reached, and validation refuses the document. */
  hasReached(fragment: FragmentDefinitionNode): boolean {
    return this.#reached.has(fragment);
  }

  /** One place of the answer: all that is selected there. Operations begin at depth 1. */
  follow(sets: readonly SelectionSetNode[], depth: number): void {
    const fields = collectFields(sets, this.#fragments, (selection) => this.#look(selection));
    if (depth === 1) this.#checkRoot(fields);
    for (const alike of fields.values()) {
      this.#checkDepth(alike, depth);
      this.#checkOverlaps(alike);
      const inside = selectionsInside(alike);
      if (inside.length > 0) this.follow(inside, depth + 1);
    }
  }

  #look(selection: SelectionNode): void {
    this.#selections += 1;
    const max = this.#limits.selections;
    if (this.#selections > max) {
      const text = `A document may have ${max} selections at most, those of a fragment counted wherever it is spread`;
      throw limitExceeded('selections', text, { max, nodes: [selection] });
    }
    if (selection.kind === Kind.FIELD) this.#checkAlias(selection);
    if (selection.kind !== Kind.FRAGMENT_SPREAD) return;
    const fragment = this.#fragments.get(selection.name.value);
    if (fragment !== undefined) this.#reached.add(fragment);
  }

  #checkAlias(field: FieldNode): void {
    if (field.alias === undefined) return;
    this.#aliases += 1;
    const max = this.#limits.aliases;
    if (this.#aliases <= max) return;
    throw limitExceeded('aliases', `A document may have ${max} aliases at most`, { max, nodes: [field] });
  }

  #checkRoot(fields: FieldsAtPlace): void {
    const max = this.#limits.rootFields;
    if (fields.size <= max) return;
    const excessive = [...fields.values()][max]?.[0];
    throw limitExceeded('rootFields', `An operation may have ${max} fields at its root at most`, {
      max,
      actual: fields.size,
      ...(excessive && { nodes: [excessive] }),
    });
  }

  #checkDepth(alike: readonly FieldNode[], depth: number): void {
    const max = this.#limits.depth;
    if (depth <= max) return;
    throw limitExceeded('depth', `Fields may be nested ${max} deep at most`, {
      max,
      nodes: alike.slice(0, 1),
    });
  }

  #checkOverlaps(alike: readonly FieldNode[]): void {
    this.#overlaps += (alike.length * (alike.length - 1)) / 2;
    const max = this.#limits.overlaps;
    if (this.#overlaps <= max) return;
    const text = `A document may have ${max} pairs of fields at most that stand for the same value`;
    throw limitExceeded('overlaps', text, { max, nodes: alike.slice(-1) });
  }
}

const isOperation = (node: DocumentNode['definitions'][number]) => node.kind === Kind.OPERATION_DEFINITION;
const isFragment = (node: DocumentNode['definitions'][number]) => node.kind === Kind.FRAGMENT_DEFINITION;
