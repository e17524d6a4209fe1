import {
  BREAK,
  defaultFieldResolver,
  getArgumentValues,
  getNullableType,
  GraphQLBoolean,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  OperationTypeNode,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { collectFields, fragmentsOf, selectionsInside, type Fragments } from './collect-fields.js';

/*
 * What graphql-js finds out for each object of an answer, found out once for a document: which fields are selected, how
 * they are resolved, and how their values become part of the answer. No code is generated: a plan is plain data, which
 * execute-plan.ts walks.
 */

/** A document that is left to graphql-js: what it holds depends on more than its text, or is asked for too rarely. */
class NotPlannable extends Error {
  override readonly name = 'NotPlannable';
}

/** How the value of a field becomes part of the answer. */
export type Shape =
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType }
  | { readonly kind: 'object'; readonly selection: SelectionPlan }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'nonNull'; readonly of: NullableShape };

export type NullableShape = Exclude<Shape, { kind: 'nonNull' }>;

export type ArgumentValues = Readonly<Record<string, unknown>>;

/** A type whose values need no more than a look to become part of the answer. */
export type PlainLeaf = 'String' | 'Boolean' | 'Int' | 'ID';

export interface FieldPlan {
  readonly name: string;
  /** Its alias, or its name. */
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  /** Null when its value is a property of the object it is in, or what such a property returns when it is called. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null;
  /** Of an execution with these variables. @throws GraphQLError */
  readonly argumentsOf: (variables: ArgumentValues) => ArgumentValues;
  readonly shape: Shape;
  /** Set for a leaf without arguments of such a type. */
  readonly plainLeaf: PlainLeaf | null;
  /** For a field with a resolver: whether an operation with this context reads it as if it had none. */
  readonly letsPass: (context: unknown) => boolean;
}

/** A resolver that guards a field which is a property otherwise. */
export interface GuardingResolver extends GraphQLFieldResolver<unknown, unknown> {
  /** Whether it lets pass whatever is there, in an operation with this context. */
  readonly letsPass?: (context: unknown) => boolean;
}

/** What is selected of one type of object: its fields, and the answer to `__typename`. */
export interface SelectionPlan {
  readonly type: GraphQLObjectType;
  readonly fields: readonly (FieldPlan | { readonly key: string; readonly typeName: string })[];
}

/** One operation of a valid document. */
export interface OperationPlan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly root: SelectionPlan;
}

/** Plans each operation once, for as long as its document is kept. */
export function createPlanner(
  schema: GraphQLSchema,
): (document: DocumentNode, operation: OperationDefinitionNode) => OperationPlan | null {
  const plans = new WeakMap<OperationDefinitionNode, OperationPlan | null>();
  return (document, operation) => {
    const known = plans.get(operation);
    if (known !== undefined) return known;
    const plan = planOperation(schema, document, operation);
    plans.set(operation, plan);
    return plan;
  };
}

/**
 * Null for what graphql-js is to execute: subscriptions, introspection, directives, abstract types. The document must be
 * valid.
 */
export function planOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): OperationPlan | null {
  const type = schema.getRootType(operation.operation);
  if (type == null || operation.operation === OperationTypeNode.SUBSCRIPTION) return null;
  const fragments = fragmentsOf(document);
  try {
    const root = planSelection([operation.selectionSet], type, fragments);
    return { schema, operation, fragments: Object.fromEntries(fragments), root };
  } catch (error) {
    if (error instanceof NotPlannable) return null;
    throw error;
  }
}

function planSelection(
  selectionSets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  fragments: Fragments,
): SelectionPlan {
  const definitions = type.getFields();
  const look = (selection: SelectionNode) => assertAlwaysApplies(selection, type, fragments);
  const fields = [...collectFields(selectionSets, fragments, look)].map(([key, nodes]) => {
    // As a key of an object it would not be one.
    if (key === '__proto__') throw new NotPlannable();
    const name = nodes[0]?.name.value ?? '';
    if (name === '__typename') return { key, typeName: type.name };
    const field = definitions[name];
    if (field === undefined) throw new NotPlannable();
    return planField({ name, key, nodes, field, parentType: type }, fragments);
  });
  return { type, fields };
}

/** @throws NotPlannable where a directive, or a condition on the type, decides about a selection */
function assertAlwaysApplies(selection: SelectionNode, type: GraphQLObjectType, fragments: Fragments): void {
  if (selection.directives !== undefined && selection.directives.length > 0) throw new NotPlannable();
  if (selection.kind === Kind.FIELD) return;
  const { typeCondition } =
    selection.kind === Kind.INLINE_FRAGMENT ? selection : (fragments.get(selection.name.value) ?? {});
  if (typeCondition !== undefined && typeCondition.name.value !== type.name) throw new NotPlannable();
}

function planField(
  selected: Pick<FieldPlan, 'name' | 'key' | 'nodes' | 'field' | 'parentType'>,
  fragments: Fragments,
): FieldPlan {
  const { field, nodes } = selected;
  const { resolve = defaultFieldResolver }: { resolve?: GuardingResolver } = field;
  const selectionSets = selectionsInside(nodes);
  return {
    ...selected,
    resolve: resolve === defaultFieldResolver ? null : resolve,
    argumentsOf: planArguments(field, nodes[0]),
    shape: planShape(field.type, (type) => planSelection(selectionSets, type, fragments)),
    plainLeaf: field.args.length > 0 ? null : (plainLeaves.get(getNullableType(field.type)) ?? null),
    letsPass: resolve.letsPass ?? never,
  };
}

const never = (): boolean => false;

/** The types of the specification whose values mostly are their own answers. */
const plainLeaves: ReadonlyMap<GraphQLOutputType, PlainLeaf> = new Map<GraphQLOutputType, PlainLeaf>([
  [GraphQLString, 'String'],
  [GraphQLBoolean, 'Boolean'],
  [GraphQLInt, 'Int'],
  [GraphQLID, 'ID'],
]);

function planShape(type: GraphQLOutputType, select: (type: GraphQLObjectType) => SelectionPlan): Shape {
  if (isNonNullType(type)) {
    const of = planShape(type.ofType, select);
    if (of.kind === 'nonNull') throw new NotPlannable();
    return { kind: 'nonNull', of };
  }
  if (isListType(type)) return { kind: 'list', item: planShape(type.ofType, select) };
  if (isLeafType(type)) return { kind: 'leaf', type };
  if (isObjectType(type) && type.isTypeOf == null) return { kind: 'object', selection: select(type) };
  throw new NotPlannable();
}

const none: ArgumentValues = Object.freeze({});

function planArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode | undefined,
): FieldPlan['argumentsOf'] {
  if (node === undefined || field.args.length === 0) return () => none;
  if (usesVariables(node)) return (variables) => getArgumentValues(field, node, variables);
  // Found out when it is executed: what is wrong with them is told with the place of the field.
  let values: ArgumentValues | null = null;
  return () => (values ??= getArgumentValues(field, node));
}

function usesVariables({ arguments: given = [] }: FieldNode): boolean {
  let found = false;
  for (const argument of given) {
    visit(argument, {
      Variable() {
        found = true;
        return BREAK;
      },
    });
  }
  return found;
}
