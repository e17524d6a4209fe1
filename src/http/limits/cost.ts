import {
  getNamedType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import {
  collectFields,
  fragmentsOf,
  selectionsInside,
  type Fragments,
} from '../../execution/collect-fields.js';
import { fieldCostsOf, type FieldCosts, type Items } from './field-costs.js';

type Variables = Readonly<Record<string, unknown>>;

/** A valid operation of a document whose shape was checked. */
export interface MeasuredOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Variables | null | undefined;
}

/**
 * Foretells how much an operation is before it is executed: one for each value of the answer, more for what takes work
 * beyond that. Lists multiply what is inside them by the size that was asked for, in the document or in its variables.
 * Of a subscription it is the cost of one event. What a client skips by a directive counts all the same.
 */
export function createCostMeter(schema: GraphQLSchema): (operation: MeasuredOperation) => number {
  const costs = fieldCostsOf(schema);
  // For as long as their documents are kept.
  const known = new WeakMap<OperationDefinitionNode, Amount>();
  return ({ document, operation, variables }) => {
    let amount = known.get(operation);
    if (amount === undefined) {
      amount = amountOf(operation, { schema, costs, fragments: fragmentsOf(document) });
      known.set(operation, amount);
    }
    return Math.ceil(typeof amount === 'number' ? amount : amount(variables ?? {}));
  };
}

/** A number, where it does not depend on what is given for the variables of the operation. */
type Amount = number | ((given: Variables) => number);

function add(one: Amount, other: Amount): Amount {
  if (typeof one === 'number' && typeof other === 'number') return one + other;
  return (given) => valueOf(one, given) + valueOf(other, given);
}

function multiply(one: Amount, other: Amount): Amount {
  if (typeof one === 'number' && typeof other === 'number') return one * other;
  return (given) => valueOf(one, given) * valueOf(other, given);
}

const valueOf = (amount: Amount, given: Variables): number =>
  typeof amount === 'number' ? amount : amount(given);

type Sizes = ReadonlyMap<string, Amount>;

function amountOf(
  { operation: kind, selectionSet, variableDefinitions = [] }: OperationDefinitionNode,
  parts: { readonly schema: GraphQLSchema; readonly costs: FieldCosts; readonly fragments: Fragments },
): Amount {
  const root = parts.schema.getRootType(kind);
  if (root == null) return 0;
  const defaults = new Map<string, unknown>();
  for (const { variable, defaultValue } of variableDefinitions) {
    if (defaultValue !== undefined) defaults.set(variable.name.value, literalOf(defaultValue));
  }
  return new Meter({ ...parts, defaults }).measure([selectionSet], root, new Map());
}

interface MeterOptions {
  readonly costs: FieldCosts;
  readonly fragments: Fragments;
  /** Of variables, for what is not given. */
  readonly defaults: ReadonlyMap<string, unknown>;
}

class Meter {
  readonly #costs: FieldCosts;
  readonly #fragments: Fragments;
  readonly #defaults: ReadonlyMap<string, unknown>;

  constructor({ costs, fragments, defaults }: MeterOptions) {
    this.#costs = costs;
    this.#fragments = fragments;
    this.#defaults = defaults;
  }

  /** All that is selected at one place. `sizes`: of lists there that the field around them decides. */
  measure(sets: readonly SelectionSetNode[], type: GraphQLObjectType, sizes: Sizes): Amount {
    let sum: Amount = 0;
    for (const alike of collectFields(sets, this.#fragments).values()) {
      sum = add(sum, this.#measureField(alike, { type, sizes }));
    }
    return sum;
  }

  /** Fields that stand for one value: all have the same name and the same arguments. */
  #measureField(
    alike: readonly FieldNode[],
    { type, sizes }: { type: GraphQLObjectType; sizes: Sizes },
  ): Amount {
    const [field] = alike;
    if (field === undefined) return 0;
    const { work = 0, items, itemsOf = {} } = this.#costs.get(`${type.name}.${field.name.value}`) ?? {};
    const size = sizes.get(field.name.value) ?? (items === undefined ? 1 : this.#sizeOf(items, field));
    const valueType = valueTypeOf(type, field.name.value);
    if (!isObjectType(valueType)) return add(work, size);
    const sizesInside = Object.entries(itemsOf).map(
      ([name, decided]) => [name, this.#sizeOf(decided, field)] as const,
    );
    const inside = this.measure(selectionsInside(alike), valueType, new Map(sizesInside));
    return add(work, multiply(size, add(1, inside)));
  }

  #sizeOf({ by = [], max, otherwise }: Items, field: FieldNode): Amount {
    const asked = (field.arguments ?? [])
      .filter(({ name }) => by.includes(name.value))
      .map(({ value }) => this.#readerOf(value));
    const sizeFor = (given: Variables): number => {
      const sizes = asked
        .map((read) => (typeof read === 'function' ? read(given) : read))
        .filter((size) => size != null)
        // Anything else is refused by whoever reads it; until then it counts as the most that it could be.
        .map((size) => (typeof size === 'number' && size >= 0 && size <= max ? size : max));
      return sizes.length === 0 ? otherwise : Math.max(...sizes);
    };
    return asked.some((read) => typeof read === 'function') ? sizeFor : sizeFor({});
  }

  /** The value itself, or for a variable the way to find its value. */
  #readerOf(value: ValueNode): unknown {
    if (value.kind !== Kind.VARIABLE) return literalOf(value);
    const { value: name } = value.name;
    return (given: Variables): unknown =>
      Object.hasOwn(given, name) ? given[name] : this.#defaults.get(name);
  }
}

/** Of numbers and nulls: others are no sizes. */
function literalOf(value: ValueNode): unknown {
  if (value.kind === Kind.NULL) return null;
  return value.kind === Kind.INT ? Number(value.value) : value;
}

function valueTypeOf(type: GraphQLObjectType, name: string): GraphQLNamedType | null {
  const field = type.getFields()[name] ?? metaFields.get(name);
  return field === undefined ? null : getNamedType(field.type);
}

const metaFields: ReadonlyMap<string, { readonly type: GraphQLOutputType }> = new Map(
  [SchemaMetaFieldDef, TypeMetaFieldDef].map((field) => [field.name, field]),
);
