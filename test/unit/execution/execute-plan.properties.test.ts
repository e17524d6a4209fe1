import * as fc from 'fast-check';
import {
  buildSchema,
  execute,
  getOperationAST,
  parse,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type GraphQLFieldResolver,
} from 'graphql';
import { expect, test } from 'vitest';
import { executePlan } from '../../../src/execution/execute-plan.js';
import { planOperation, type OperationPlan } from '../../../src/execution/plan.js';

/*
 * Whatever is asked for and whatever becomes of each field (a value now or later, null, an error thrown, returned or
 * rejected, a value of a wrong type): a plan answers as graphql-js does. Where several fields of one object fail at once,
 * which of them is told is left to chance by the specification (6.4.4), so of those one must do.
 */

const schema = buildSchema(`
  type Query { node(id: ID, deep: Deep): Node mustNode: Node! nodes: [Node] allNodes: [Node!]! grid: [[Int!]]! name: String }
  type Mutation { node: Node mustNode: Node! count(of: [Int!]! = [1]): Int name: String }
  input Deep { name: String = "x" more: Deep }
  enum Colour { RED GREEN }
  type Node {
    id(of: ID, more: [Int!] = [1, 2]): ID! name: String count: Int! weight: Float colour: Colour! done: Boolean
    node: Node mustNode: Node! nodes: [Node!] tags: [String] grid: [[Int!]]!
  }
`);

const successes = ['value', 'value', 'later', 'function'] as const;
const failures = ['null', 'throw', 'error', 'wrong'] as const;
type Outcome = (typeof successes)[number] | (typeof failures)[number];
/** What becomes of what stands at a path: the same each time it is asked. */
interface Fate {
  readonly at: (path: string) => Outcome;
  /**
   * Whether all values come now, later, or some now and some later. Nothing fails among the last: there graphql-js 16 can
   * leave a rejection of an item of a list unhandled.
   */
  readonly when: 'now' | 'later' | 'mixed';
}

/** Most things go well, or nothing deep would ever be reached. */
const fates: fc.Arbitrary<Fate> = fc
  .record({
    seed: fc.integer(),
    trouble: fc.constantFrom(2, 5, 20),
    when: fc.constantFrom('now', 'later', 'mixed'),
  })
  .map(({ seed, trouble, when }) => ({
    when,
    at(path) {
      const roll = hash(`${seed}${path}`);
      const fails = when !== 'mixed' && roll % 100 < trouble;
      return (fails ? failures : successes)[(roll >> 8) % 4] ?? 'value';
    },
  }));

function hash(text: string): number {
  let sum = 2166136261;
  for (const character of text) sum = Math.imul(sum ^ (character.codePointAt(0) ?? 0), 16777619);
  return (sum ^ (sum >>> 15)) >>> 1;
}

function outcomeOf(path: string, name: string, fate: Fate): unknown {
  const outcome = fate.at(path);
  const produce = () => valueOf(path, name, fate);
  const fail = () => {
    throw new Error(`${path} throws`);
  };
  const isLater = fate.when === 'later' || (fate.when === 'mixed' && outcome === 'later');
  const now = (value: () => unknown) => (isLater ? Promise.resolve().then(value) : value());
  switch (outcome) {
    case 'value':
    case 'later':
      return now(produce);
    case 'function':
      return (args: object) => (name === 'id' ? JSON.stringify(args) : now(produce));
    case 'null':
      return now(() => null);
    case 'throw':
      return isLater ? now(fail) : fail;
    case 'error':
      return now(() => new Error(`${path} is an error`));
    case 'wrong':
      return now(() => ({ valueOf: () => `${path} is of a wrong type` }));
    default:
      throw new Error('No such outcome');
  }
}

function valueOf(path: string, name: string, fate: Fate): unknown {
  const length = hash(path) % 3;
  const list = (item: (path: string) => unknown) =>
    Array.from({ length }, (_, index) => item(`${path}[${index}]`));
  switch (name) {
    case 'id':
    case 'name':
      return path;
    case 'count':
      return path.length;
    case 'weight':
      return path.length / 2;
    case 'colour':
      return 'RED';
    case 'done':
      return true;
    case 'tags':
      return list((item) => outcomeOf(item, 'name', fate)).filter((tag) => typeof tag !== 'function');
    case 'grid':
      return list((item) => outcomeOf(item, 'row', fate)).filter((row) => typeof row !== 'function');
    case 'row':
      return list((item) => outcomeOf(item, 'count', fate)).filter((cell) => typeof cell !== 'function');
    case 'nodes':
    case 'allNodes':
      return list((item) => outcomeOf(item, 'node', fate)).filter((node) => typeof node !== 'function');
    default:
      return source(path, fate);
  }
}

/** An object that has every property. */
const source = (path: string, fate: Fate): object =>
  new Proxy(
    {},
    {
      get: (_, name) =>
        typeof name !== 'string' || name === 'then' ? undefined : outcomeOf(`${path}.${name}`, name, fate),
    },
  );

const rootResolver: GraphQLFieldResolver<unknown, Fate> = (_source, args, fate, { fieldName, path }) => {
  const outcome = outcomeOf(String(path.key), fieldName, fate);
  return typeof outcome === 'function' ? outcome(args) : outcome;
};
for (const type of [schema.getQueryType(), schema.getMutationType()]) {
  for (const field of Object.values(type?.getFields() ?? {})) field.resolve = rootResolver;
}

// The same key always means the same field with the same arguments, as validation demands.
const leaf = fc.constantFrom(
  'id',
  'own: id(of: $id)',
  'more: id(of: "x", more: [3])',
  'name',
  'title: name',
  'count',
  'weight',
  'colour',
  'done',
  'tags',
  'grid',
  '__typename',
);

function selectionOf(depth: number): fc.Arbitrary<string> {
  const leaves = fc.array(leaf, { minLength: 1, maxLength: 3 });
  if (depth === 0) return leaves.map((fields) => `{ ${fields.join(' ')} }`);
  const inner = selectionOf(depth - 1);
  const nested = fc
    .tuple(fc.constantFrom('node', 'other: node', 'mustNode', 'nodes', 'others: nodes'), inner)
    .map((parts) => parts.join(' '));
  const fragment = fc.oneof(
    inner.map((selection) => `... on Node ${selection}`),
    inner.map((selection) => `... ${selection}`),
    fc.constant('...Common'),
  );
  return fc
    .tuple(leaves, fc.array(fc.oneof(nested, nested, fragment), { maxLength: 2 }))
    .map((fields) => `{ ${fields.flat().join(' ')} }`);
}

const roots = (objects: readonly string[], plain: readonly string[]): fc.Arbitrary<string> => {
  const object = fc.tuple(fc.constantFrom(...objects), selectionOf(2)).map((parts) => parts.join(' '));
  const field = fc.oneof(
    { weight: 4, arbitrary: object },
    { weight: 1, arbitrary: fc.constantFrom(...plain) },
  );
  return fc.array(field, { minLength: 1, maxLength: 3 }).map((fields) => fields.join(' '));
};

const query = roots(
  ['node(id: $id)', 'deep: node(deep: { more: { name: "y" } })', 'mustNode', 'nodes', 'allNodes'],
  ['grid', 'name', 'title: name'],
);
const mutation = roots(['node', 'other: node', 'mustNode'], ['count', 'two: count(of: [2])', 'name']);
const common = 'fragment Common on Node { name node { id ... on Node { count } } }';
const documents = fc
  .oneof(
    query.map((fields) => `query ($id: ID = "1") { ${fields} } ${common}`),
    mutation.map((fields) => `mutation ($id: ID = "1") { ${fields} } ${common}`),
  )
  .map((text) => parse(text));

const variableValues = fc.constantFrom<Record<string, unknown>>(
  {},
  { id: 'abc' },
  { id: 7 },
  { id: null },
  { id: {} },
);

/**
 * The errors by the places that they made null, each with its error where it arose right there. Of several that make one
 * object null it is chance which are told.
 */
function nullsOf({ data, errors = [] }: ExecutionResult): ReadonlySet<string> {
  return new Set(
    errors.map((error) => {
      let place: unknown = data;
      let depth = 0;
      for (const { path = [] } = error; depth < path.length && place != null; depth++) {
        place = Object(place)[path[depth] ?? ''];
      }
      const isRightThere = depth === (error.path?.length ?? 0);
      return isRightThere ? JSON.stringify(error) : JSON.stringify(error.path?.slice(0, depth));
    }),
  );
}

function planned(of: GraphQLSchema, document: DocumentNode): OperationPlan {
  const operation = getOperationAST(document);
  const plan = operation == null ? null : planOperation(of, document, operation);
  if (plan === null) throw new Error('A document that is not planned');
  return plan;
}

test('a plan answers as graphql-js does', async () => {
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(documents, variableValues, fates, async (document, variables, fate) => {
      const plan = planned(schema, document);
      const input = { contextValue: fate, variableValues: variables };
      const expected = await execute({ schema, document, ...input });
      const actual = await executePlan(plan, input);
      expect(JSON.stringify(actual.data)).toBe(JSON.stringify(expected.data));
      expect(nullsOf(actual)).toEqual(nullsOf(expected));
      if (expected.errors !== undefined) failed += 1;
    }),
    { numRuns: 200 },
  );
  expect(failed).toBeGreaterThan(20);
});

test.each([
  ['subscriptions', 'subscription { tick }'],
  ['introspection', '{ __schema { queryType { name } } }'],
  ['directives', 'query ($no: Boolean!) { name @skip(if: $no) }'],
  ['a key that no object can have', '{ __proto__: name }'],
])('%s are left to graphql-js', (_, text) => {
  const ticking = buildSchema('type Query { name: String } type Subscription { tick: Int }');
  const document = parse(text);
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('A document without an operation');
  expect(planOperation(ticking, document, operation)).toBeNull();
});

test('fields of a mutation begin when the one before has ended', async () => {
  const told: string[] = [];
  const counting = buildSchema('type Query { name: String } type Mutation { step(name: String): String }');
  const step = counting.getMutationType()?.getFields()['step'];
  if (step === undefined) throw new Error('No such field');
  step.resolve = async (_source, { name }) => {
    told.push(`${name} begins`);
    await Promise.resolve();
    told.push(`${name} ends`);
  };
  const document = parse('mutation { a: step(name: "a") b: step(name: "b") }');
  const plan = planned(counting, document);
  expect(await executePlan(plan, { contextValue: null, variableValues: null })).toEqual({
    data: { a: null, b: null },
  });
  expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});
