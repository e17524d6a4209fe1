import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { limitExceeded, type DocumentLimits } from './limits.js';

/**
 * Looks at a document as execution would walk it, before validation does: fragments are followed wherever they are
 * spread, and fields of the same name at the same place of the answer come together. The number of selections bounds the
 * work, also where fragments spread each other.
 * @throws GraphQLError with LIMIT_EXCEEDED
 */
export function checkShape(document: DocumentNode, limits: DocumentLimits): void {
  const operations = document.definitions.filter(isOperation);
  const { operations: max } = limits;
  const { length: actual } = operations;
  if (actual > max) {
    throw limitExceeded('operations', `A document may have ${max} operations at most`, { max, actual });
  }
  for (const operation of operations) checkName(operation, limits);

  const fragments = document.definitions.filter(isFragment);
  const walk = new Walk(fragments, limits);
  for (const { selectionSet } of operations) walk.follow([selectionSet], 1);
  // What nothing refers to is not run, but it is validated.
  for (const fragment of fragments) if (!walk.reached.has(fragment)) walk.follow([fragment.selectionSet], 2);
}

function checkName({ name }: OperationDefinitionNode, { operationName: max }: DocumentLimits): void {
  if (name === undefined || name.value.length <= max) return;
  throw limitExceeded('operationName', `The name of an operation may have ${max} characters at most`, {
    max,
    actual: name.value.length,
    nodes: [name],
  });
}

class Walk {
  /** Fragments that were followed. */
  readonly reached = new Set<FragmentDefinitionNode>();
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #limits: DocumentLimits;
  #selections = 0;
  #aliases = 0;
  #overlaps = 0;

  constructor(fragments: readonly FragmentDefinitionNode[], limits: DocumentLimits) {
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
    this.#limits = limits;
  }

  /** One place of the answer: all that is selected there. Operations begin at depth 1. */
  follow(sets: readonly SelectionSetNode[], depth: number): void {
    const fields = new Map<string, FieldNode[]>();
    const place = { fields, spread: new Set<FragmentDefinitionNode>() };
    for (const set of sets) this.#gather(set, place);
    this.#checkRoot(fields, depth);
    for (const alike of fields.values()) {
      this.#checkDepth(alike, depth);
      this.#checkOverlaps(alike);
      const inner = alike.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (inner.length > 0) this.follow(inner, depth + 1);
    }
  }

  #gather(set: SelectionSetNode, place: Place): void {
    for (const selection of set.selections) {
      this.#selections += 1;
      if (this.#selections > this.#limits.selections) {
        const max = this.#limits.selections;
        const text = `A document may have ${max} selections at most, those of a fragment counted wherever it is spread`;
        throw limitExceeded('selections', text, { max, nodes: [selection] });
      }
      if (selection.kind === Kind.FIELD) this.#take(selection, place);
      else if (selection.kind === Kind.INLINE_FRAGMENT) this.#gather(selection.selectionSet, place);
      else this.#spread(selection.name.value, place);
    }
  }

  #take(field: FieldNode, { fields }: Place): void {
    if (field.alias !== undefined) {
      this.#aliases += 1;
      const max = this.#limits.aliases;
      if (this.#aliases > max) {
        throw limitExceeded('aliases', `A document may have ${max} aliases at most`, { max, nodes: [field] });
      }
    }
    const name = (field.alias ?? field.name).value;
    const alike = fields.get(name);
    if (alike === undefined) fields.set(name, [field]);
    else alike.push(field);
  }

  /** Once at each place, as in execution: what spreads itself there ends here. */
  #spread(name: string, place: Place): void {
    const fragment = this.#fragments.get(name);
    if (fragment === undefined || place.spread.has(fragment)) return;
    place.spread.add(fragment);
    this.reached.add(fragment);
    this.#gather(fragment.selectionSet, place);
  }

  #checkRoot(fields: ReadonlyMap<string, readonly FieldNode[]>, depth: number): void {
    const max = this.#limits.rootFields;
    if (depth > 1 || fields.size <= max) return;
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

interface Place {
  /** By their name in the answer. */
  readonly fields: Map<string, FieldNode[]>;
  readonly spread: Set<FragmentDefinitionNode>;
}

const isOperation = (node: DocumentNode['definitions'][number]) => node.kind === Kind.OPERATION_DEFINITION;
const isFragment = (node: DocumentNode['definitions'][number]) => node.kind === Kind.FRAGMENT_DEFINITION;
