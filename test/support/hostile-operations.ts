import * as fc from 'fast-check';

/** What a client sends as an operation, right or wrong. Nothing about it is sure to be of the right type. */
export interface HostileOperation {
  readonly query?: unknown;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
}

const hostileText = fc.constantFrom(
  '',
  'x',
  '\u0000',
  '\ud800',
  '\udc00\ud800',
  '\u202e',
  '💼'.repeat(200),
  '%s%n%x',
  "'); box.error() --",
  '"""',
  '\\u0000',
  '__proto__',
  'constructor',
  'a'.repeat(5_000),
);

const hostileNumber = fc.constantFrom(0, -1, 1, 200, 201, 2 ** 31, 2 ** 53, -0, 1.5, 1e308, NaN, -Infinity);

/** Values that no schema asks for. `NaN` and the infinities become null on the way. */
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber,
  fc.constantFrom(null, true, false, [], {}, [[[[]]]]),
  fc.array(fc.oneof(hostileText, hostileNumber), { maxLength: 4 }),
  fc.constant(Object.fromEntries([['__proto__', { admin: true }]])),
  fc.constant({ constructor: { prototype: { admin: true } } }),
);

const id = fc.constantFrom(
  '1',
  '2',
  '99',
  '0',
  '-1',
  '"1"',
  '"x"',
  '1.5',
  'null',
  '"\\u0000"',
  '[1]',
  '{a: 1}',
);
const employee = fc.constantFrom(
  '{ id name }',
  '{ id name position salary }',
  '{ __typename salary }',
  '{ nothing }',
  '',
);
const page = fc.constantFrom(
  'nodes { id name }',
  'edges { cursor node { salary } }',
  'pageInfo { hasNextPage endCursor } totalCount',
  'nodes',
  'edges { node { id { id } } }',
);
const pageArguments = fc.constantFrom(
  '',
  '(first: 2)',
  '(first: 0)',
  '(first: 1, last: 1)',
  '(last: 200)',
  '(first: 99999999999)',
  '(after: "!")',
  '(after: "AAAA", first: 1)',
  '(filter: { name: { contains: "o" } })',
  '(filter: { salary: { gt: 1, lt: 0 } })',
  '(filter: { salary: { in: [1, null] } })',
  '(orderBy: { field: SALARY, direction: DESC })',
  '(orderBy: { field: NOTHING })',
  '(read: { node: "nowhere" })',
  '(read: { bookmark: "x" })',
);
const field = fc.oneof(
  fc.tuple(id, employee).map(([value, selection]) => `employee(id: ${value}) ${selection}`),
  fc.tuple(pageArguments, page).map(([given, selection]) => `employees${given} { ${selection} }`),
  fc.constantFrom(
    'topology { term leader { name } nodes { name } }',
    'leadershipHistory(last: 3) { kind term }',
    '__schema { types { name } }',
    '__typename',
  ),
);
const mutation = fc.oneof(
  fc
    .tuple(hostileText, hostileNumber)
    .map(
      ([name, salary]) =>
        `addEmployee(input: { name: ${JSON.stringify(name)}, position: "P", salary: ${salary} }) { employee { id } }`,
    ),
  id.map((value) => `removeEmployee(input: { id: ${value} }) { employee { name } }`),
  id.map(
    (value) => `updateEmployee(input: { id: ${value}, name: "N", expected: { salary: 1 } }) { bookmark }`,
  ),
);
const aliased = fc
  .tuple(fc.constantFrom('', 'a: ', '__proto__: ', 'constructor: '), field)
  .map(([alias, text]) => alias + text);

const plausible = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(aliased, { minLength: 1, maxLength: 3 }).map((fields) => `{ ${fields.join(' ')} }`),
  },
  { weight: 2, arbitrary: mutation.map((text) => `mutation { ${text} }`) },
  {
    weight: 1,
    arbitrary: mutation.map(
      (text) => `mutation M($input: AddEmployeeInput!) { addEmployee(input: $input) { bookmark } ${text} }`,
    ),
  },
  { weight: 1, arbitrary: fc.constant('query Q($id: ID!) { employee(id: $id) { name } }') },
);

/** Texts that cost a careless server much. Short here: how large they may be is tried where the limits are. */
const costly = fc.constantFrom(
  `{ ${'a { '.repeat(500)}${'}'.repeat(500)} }`,
  `{ ${Array.from({ length: 300 }, (_, index) => `a${index}: employee(id: 1) { name }`).join(' ')} }`,
  'query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  `{ employee(id: 1) { name ${'@skip(if: false) '.repeat(200)} } }`,
  `query (${Array.from({ length: 200 }, (_, index) => `$v${index}: Int`).join(' ')}) { __typename }`,
  `{ employees(filter: { name: { in: [${'"x" '.repeat(500)}] } }) { totalCount } }`,
  '{ __schema { types { fields { type { ofType { ofType { ofType { name } } } } } } } }',
  '['.repeat(2_000),
  `# ${'x'.repeat(20_000)}`,
);

/** Cut, doubled, or with something else in the middle: what is nearly right finds the paths that nothing else does. */
const damaged = fc
  .tuple(
    plausible,
    fc.nat(),
    fc.nat({ max: 6 }),
    fc.constantFrom('', '{', '}', '"', '$', '...', '@', '\u0000', '\ud800', '!', ':'),
  )
  .map(([text, at, cut, put]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + put + text.slice(place + cut);
  });

const garbage = fc.oneof(
  hostileText,
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

const texts: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: plausible },
  { weight: 6, arbitrary: damaged },
  { weight: 2, arbitrary: garbage },
  { weight: 1, arbitrary: costly },
  { weight: 1, arbitrary: hostileValue },
);
const variables = fc.oneof(
  fc.constant(undefined),
  fc.record({ id: hostileValue, input: hostileValue }, { requiredKeys: [] }),
  fc.record({ input: fc.record({ name: hostileValue, position: hostileValue, salary: hostileValue }) }),
  hostileValue,
);

const operations: fc.Arbitrary<HostileOperation> = fc.record(
  {
    query: texts,
    variables,
    operationName: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('Q', 'M', null) }, hostileValue),
    extensions: fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      hostileValue,
      fc.constant({ persistedQuery: { version: 1, sha256Hash: 'x' } }),
    ),
  },
  { requiredKeys: ['query'] },
);

/** The same for the same seed. */
export const hostileOperations = (count: number, seed: number): readonly HostileOperation[] =>
  fc.sample(operations, { numRuns: count, seed });
