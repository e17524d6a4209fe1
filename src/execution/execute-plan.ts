import {
  getVariableValues,
  GraphQLError,
  locatedError,
  OperationTypeNode,
  responsePathAsArray,
  type ExecutionResult,
  type GraphQLResolveInfo,
} from 'graphql';
import type { ArgumentValues, FieldPlan, OperationPlan, PlainLeaf, SelectionPlan, Shape } from './plan.js';

/** Where a value stands in the answer. */
type Path = GraphQLResolveInfo['path'];
type MaybePromise<T> = T | Promise<T>;
type Data = Record<string, unknown>;

/** What a plan is executed with. */
export interface ExecutionInput {
  readonly contextValue: unknown;
  readonly variableValues: ArgumentValues | null | undefined;
  /** Whether errors name nothing that was not asked for. */
  readonly hideSuggestions?: boolean | null | undefined;
}

// As many as graphql-js tells.
const maxErrors = 50;

/**
 * ExecuteRequest() of the GraphQL specification (October 2021, 6.1), with the results and the errors of graphql-js: a test
 * holds the two against each other. Never throws or rejects. Answers at once where no field has to be waited for.
 */
export function executePlan(plan: OperationPlan, input: ExecutionInput): MaybePromise<ExecutionResult> {
  const { schema, operation } = plan;
  const definitions = operation.variableDefinitions ?? [];
  const { coerced, errors } = getVariableValues(schema, definitions, input.variableValues ?? {}, {
    maxErrors,
    hideSuggestions: input.hideSuggestions === true,
  });
  return coerced === undefined ? { errors } : new Execution(plan, input.contextValue, coerced).run();
}

class Execution {
  readonly plan: OperationPlan;
  readonly variables: ArgumentValues;
  readonly context: unknown;
  /** The guarded field that was looked at last, of which lists have many, and whether it is read as a property here. */
  #guardedField: FieldPlan | null = null;
  #isOpen = false;
  readonly #errors: GraphQLError[] = [];

  constructor(plan: OperationPlan, context: unknown, variables: ArgumentValues) {
    this.plan = plan;
    this.variables = variables;
    this.context = context;
  }

  run(): MaybePromise<ExecutionResult> {
    const { root, operation } = this.plan;
    const fail = (error: unknown): ExecutionResult => {
      this.#errors.push(error instanceof GraphQLError ? error : locatedError(error, undefined));
      return this.#answer(null);
    };
    try {
      const isMutation = operation.operation === OperationTypeNode.MUTATION;
      const data = isMutation ? this.#inTurn(root) : this.#together(root, undefined, undefined);
      return data instanceof Promise
        ? data.then((settled) => this.#answer(settled), fail)
        : this.#answer(data);
    } catch (error) {
      return fail(error);
    }
  }

  #answer(data: Data | null): ExecutionResult {
    return this.#errors.length === 0 ? { data } : { errors: this.#errors, data };
  }

  /** The fields of a mutation: each begins when the one before has ended. */
  async #inTurn({ fields }: SelectionPlan): Promise<Data> {
    const data: Data = {};
    for (const field of fields) {
      data[field.key] = 'typeName' in field ? field.typeName : await this.#field(field, undefined, undefined);
    }
    return data;
  }

  /** The fields of an object: all are begun before any is waited for. Throws, or rejects, what makes the object null. */
  #together({ fields }: SelectionPlan, source: unknown, path: Path | undefined): MaybePromise<Data> {
    const data: Data = {};
    const pending: Pending[] = [];
    const isObject = isRecord(source);
    try {
      for (const field of fields) {
        const { key } = field;
        if ('typeName' in field) {
          data[key] = field.typeName;
          continue;
        }
        const { plainLeaf } = field;
        const value =
          isObject && plainLeaf !== null && (field.resolve === null || this.#isOpenHere(field))
            ? this.#property(plainLeaf, field, source, path)
            : this.#field(field, source, path);
        // Also what is not there yet: keys stand in the order of the selection.
        data[key] = value;
        if (value instanceof Promise) pending.push({ key, value });
      }
    } catch (error) {
      if (pending.length === 0) throw error;
      // Told when nothing is under way any more, as graphql-js does.
      return Promise.allSettled(pending.map(({ value }) => value)).then(() => {
        throw error;
      });
    }
    return pending.length === 0 ? data : whenAllAreThere(data, pending);
  }

  /** A leaf that is a property of its source: nearly always it takes no more than a look. */
  #property(
    leaf: PlainLeaf,
    field: FieldPlan,
    source: Data,
    parent: Path | undefined,
  ): MaybePromise<unknown> {
    const found = source[field.name];
    const plain = plainValue(leaf, found);
    if (plain !== undefined) return plain;
    // Read once: a getter may make another promise each time, and nobody would hear of the failure of the first.
    return field.resolve === null && typeof found !== 'function'
      ? this.#guarded(field.shape, found, field, parent, field.key)
      : this.#field(field, source, parent);
  }

  #isOpenHere(field: FieldPlan): boolean {
    if (field !== this.#guardedField) {
      this.#guardedField = field;
      this.#isOpen = field.letsPass(this.context);
    }
    return this.#isOpen;
  }

  #field(field: FieldPlan, source: unknown, parent: Path | undefined): MaybePromise<unknown> {
    const { shape, key } = field;
    try {
      const value = this.#resolve(field, source, parent);
      return this.#guarded(shape, value, field, parent, key);
    } catch (error) {
      return this.#fail(error, shape, field, parent, key);
    }
  }

  /** What the resolver gives, or the property of its source, called if it is a function. */
  #resolve(field: FieldPlan, source: unknown, parent: Path | undefined): unknown {
    const { resolve, name } = field;
    if (resolve === null) {
      const value: unknown = isRecord(source) ? source[name] : undefined;
      if (typeof value !== 'function') return value;
      return value.call(
        source,
        field.argumentsOf(this.variables),
        this.context,
        new Info(this, field, parent),
      );
    }
    return resolve(source, field.argumentsOf(this.variables), this.context, new Info(this, field, parent));
  }

  /** A completed value, or null with an error at its place; throws, or rejects, where there may be no null. */
  #guarded(
    shape: Shape,
    value: unknown,
    field: FieldPlan,
    parent: Path | undefined,
    key: string | number,
  ): MaybePromise<unknown> {
    try {
      if (isThenable(value)) {
        return Promise.resolve(value).then(
          (settled) => this.#guarded(shape, settled, field, parent, key),
          (error: unknown) => this.#fail(error, shape, field, parent, key),
        );
      }
      const completed = this.#complete(shape, value, field, parent, key);
      return completed instanceof Promise
        ? completed.then(undefined, (error: unknown) => this.#fail(error, shape, field, parent, key))
        : completed;
    } catch (error) {
      return this.#fail(error, shape, field, parent, key);
    }
  }

  #fail(
    error: unknown,
    shape: Shape,
    field: FieldPlan,
    parent: Path | undefined,
    key: string | number,
  ): null {
    const located = locatedError(error, field.nodes, responsePathAsArray(placeOf(field, parent, key)));
    if (shape.kind === 'nonNull') throw located;
    this.#errors.push(located);
    return null;
  }

  #complete(
    shape: Shape,
    value: unknown,
    field: FieldPlan,
    parent: Path | undefined,
    key: string | number,
  ): MaybePromise<unknown> {
    if (value instanceof Error) throw value;
    if (shape.kind === 'nonNull') {
      if (value == null) throw nullWhereNoneMayBe(field);
      const completed = this.#complete(shape.of, value, field, parent, key);
      if (completed instanceof Promise) {
        return completed.then((settled) => {
          if (settled === null) throw nullWhereNoneMayBe(field);
          return settled;
        });
      }
      if (completed === null) throw nullWhereNoneMayBe(field);
      return completed;
    }
    if (value == null) return null;
    switch (shape.kind) {
      case 'leaf':
        return serialize(shape, value);
      case 'list':
        return this.#list(shape.item, value, field, placeOf(field, parent, key));
      case 'object':
        return this.#together(shape.selection, value, placeOf(field, parent, key));
      default:
        return shape satisfies never;
    }
  }

  #list(shape: Shape, value: unknown, field: FieldPlan, path: Path): MaybePromise<unknown[]> {
    if (!isIterable(value)) {
      const place = `${field.parentType.name}.${field.name}`;
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${place}".`);
    }
    const items: unknown[] = [];
    let isPending = false;
    try {
      for (const item of value) {
        const completed = this.#guarded(shape, item, field, path, items.length);
        isPending ||= completed instanceof Promise;
        items.push(completed);
      }
    } catch (error) {
      // Those that are under way may fail as well, and somebody has to hear of it.
      if (isPending) void Promise.allSettled(items);
      throw error;
    }
    return isPending ? Promise.all(items) : items;
  }
}

/** What `serialize` of the type makes of the value, where that is plain to see, as it nearly always is; else undefined. */
function plainValue(leaf: PlainLeaf, value: unknown): string | number | boolean | undefined {
  switch (leaf) {
    case 'String':
      return typeof value === 'string' ? value : undefined;
    case 'Int':
      // Of 32 bits.
      return typeof value === 'number' && (value | 0) === value ? value : undefined;
    case 'ID':
      if (typeof value === 'number') return Number.isInteger(value) ? String(value) : undefined;
      return typeof value === 'string' ? value : undefined;
    case 'Boolean':
      return typeof value === 'boolean' ? value : undefined;
    default:
      return leaf satisfies never;
  }
}

interface Pending {
  readonly key: string;
  readonly value: Promise<unknown>;
}

/** Puts each value in its place when it has come. Rejects as the first that does. */
function whenAllAreThere(data: Data, pending: readonly Pending[]): Promise<Data> {
  return new Promise((resolve, reject) => {
    let missing = pending.length;
    const put = (key: string) => (value: unknown) => {
      data[key] = value;
      missing -= 1;
      if (missing === 0) resolve(data);
    };
    for (const { key, value } of pending) value.then(put(key), reject);
  });
}

/** What a resolver may ask about its field. Most ask nothing, so it is found out when they do. */
class Info implements GraphQLResolveInfo {
  readonly #execution: Execution;
  readonly #field: FieldPlan;
  readonly #parent: Path | undefined;

  constructor(execution: Execution, field: FieldPlan, parent: Path | undefined) {
    this.#execution = execution;
    this.#field = field;
    this.#parent = parent;
  }

  get fieldName() {
    return this.#field.name;
  }
  get fieldNodes() {
    return this.#field.nodes;
  }
  get returnType() {
    return this.#field.field.type;
  }
  get parentType() {
    return this.#field.parentType;
  }
  get path() {
    return placeOf(this.#field, this.#parent, this.#field.key);
  }
  get schema() {
    return this.#execution.plan.schema;
  }
  get fragments() {
    return this.#execution.plan.fragments;
  }
  get rootValue() {
    return undefined;
  }
  get operation() {
    return this.#execution.plan.operation;
  }
  get variableValues() {
    return this.#execution.variables;
  }
}

/** Of a field, or of an item of a list in it. */
function placeOf({ parentType }: FieldPlan, prev: Path | undefined, key: string | number): Path {
  return { prev, key, typename: typeof key === 'string' ? parentType.name : undefined };
}

function serialize({ type }: Extract<Shape, { kind: 'leaf' }>, value: unknown): unknown {
  const serialized: unknown = type.serialize(value);
  if (serialized == null) throw new Error(`${type.name} cannot be made of what its field returned`);
  return serialized;
}

const nullWhereNoneMayBe = ({ parentType, name }: FieldPlan): Error =>
  new Error(`Cannot return null for non-nullable field ${parentType.name}.${name}.`);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  isRecord(value) && typeof value['then'] === 'function';

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value;
