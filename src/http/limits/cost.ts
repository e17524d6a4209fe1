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
  // Of operations whose cost does not depend on variables, for as long as their documents are kept.
  const known = new WeakMap<OperationDefinitionNode, number>();
  return ({ document, operation, variables }) => {
    const before = known.get(operation);
    if (before !== undefined) return before;
    const root = schema.getRootType(operation.operation);
    if (root == null) return 0;
    const meter = new Meter({
      costs,
      fragments: fragmentsOf(document),
      variables: valuesOf(operation, variables),
    });
    const cost = Math.ceil(meter.measure([operation.selectionSet], root, new Map()));
    if (!meter.hasAskedForVariables) known.set(operation, cost);
    return cost;
  };
}

/** What was given, and the defaults for what was not. */
function valuesOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Variables | null | undefined,
): Values {
  const values = new Map<string, unknown>(Object.entries(given ?? {}));
  for (const { variable, defaultValue } of variableDefinitions) {
    const { value: name } = variable.name;
    if (!values.has(name) && defaultValue !== undefined) values.set(name, literalOf(defaultValue));
  }
  return values;
}

type Values = ReadonlyMap<string, unknown>;
type Sizes = ReadonlyMap<string, number>;

interface MeterOptions {
  readonly costs: FieldCosts;
  readonly fragments: Fragments;
  readonly variables: Values;
}

class Meter {
  hasAskedForVariables = false;
  readonly #costs: FieldCosts;
  readonly #fragments: Fragments;
  readonly #variables: Values;

  constructor({ costs, fragments, variables }: MeterOptions) {
    this.#costs = costs;
    this.#fragments = fragments;
    this.#variables = variables;
  }

  /** All that is selected at one place. `sizes`: of lists there that the field around them decides. */
  measure(sets: readonly SelectionSetNode[], type: GraphQLObjectType, sizes: Sizes): number {
    let sum = 0;
    for (const alike of collectFields(sets, this.#fragments).values()) {
      sum += this.#measureField(alike, { type, sizes });
    }
    return sum;
  }

  /** Fields that stand for one value: all have the same name and the same arguments. */
  #measureField(
    alike: readonly FieldNode[],
    { type, sizes }: { type: GraphQLObjectType; sizes: Sizes },
  ): number {
    const [field] = alike;
    if (field === undefined) return 0;
    const { work = 0, items, itemsOf = {} } = this.#costs.get(`${type.name}.${field.name.value}`) ?? {};
    const size = sizes.get(field.name.value) ?? (items === undefined ? 1 : this.#sizeOf(items, field));
    const valueType = valueTypeOf(type, field.name.value);
    if (!isObjectType(valueType)) return work + size;
    const sizesInside = Object.entries(itemsOf).map(
      ([name, decided]) => [name, this.#sizeOf(decided, field)] as const,
    );
    return work + size * (1 + this.measure(selectionsInside(alike), valueType, new Map(sizesInside)));
  }

  #variable(name: string): unknown {
    this.hasAskedForVariables = true;
    return this.#variables.get(name);
  }

  #sizeOf({ by = [], max, otherwise }: Items, field: FieldNode): number {
    const sizes = (field.arguments ?? [])
      .filter(({ name }) => by.includes(name.value))
      .map(({ value }) =>
        value.kind === Kind.VARIABLE ? this.#variable(value.name.value) : literalOf(value),
      )
      .filter((size) => size != null)
      // Anything else is refused by whoever reads it; until then it counts as the most that it could be.
      .map((size) => (typeof size === 'number' && size >= 0 && size <= max ? size : max));
    return sizes.length === 0 ? otherwise : Math.max(...sizes);
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
