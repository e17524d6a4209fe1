import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { asLegacy, transports, type Operation, type Result } from './transports.js';

/*
 * Operations that are more than one may be. They are refused before they cost anything, and every transport says the same.
 */

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]] });
});
afterAll(() => gateway.stop());

const times = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

interface Refused extends Operation {
  readonly name: string;
  readonly error: { readonly message: string; readonly locations?: object; readonly extensions: object };
}

const exceeded = (limit: string, max: number, rest: object = {}) => ({
  code: 'LIMIT_EXCEEDED',
  limit,
  max,
  ...rest,
});

const table: readonly Refused[] = [
  {
    name: 'more tokens than are counted',
    query: `{ ${times(2_500, () => 'topology { term }')} }`,
    error: {
      message: 'A document may have 10000 tokens at most',
      locations: [{ line: 1, column: 45_001 }],
      extensions: exceeded('tokens', 10_000),
    },
  },
  {
    name: 'lists inside lists, which a parser would follow until its stack is full',
    query: `{ employees(filter: ${'['.repeat(9_000)}`,
    error: {
      message: 'Brackets may be nested 100 deep at most',
      locations: [{ line: 1, column: 119 }],
      extensions: exceeded('nesting', 100),
    },
  },
  {
    name: 'thousands of directives',
    query: `{ topology { term ${times(1_500, () => '@include(if: true)')} } }`,
    error: {
      message: 'A document may have 100 directives at most',
      locations: [{ line: 1, column: 1_919 }],
      extensions: exceeded('directives', 100),
    },
  },
  {
    name: 'fragments that spread each other in a ring',
    query: `{ topology { ...F0 } } ${times(200, (n) => `fragment F${n} on Topology { term ...F${(n + 1) % 200} }`)}`,
    error: {
      message: 'A document may spread 100 fragments at most',
      locations: [{ line: 1, column: 4_096 }],
      extensions: exceeded('fragmentSpreads', 100),
    },
  },
  {
    name: 'many operations',
    query: times(51, (n) => `query Q${n} { __typename }`),
    operationName: 'Q1',
    error: {
      message: 'A document may have 50 operations at most; this one has 51',
      extensions: exceeded('operations', 50, { actual: 51 }),
    },
  },
  {
    name: 'a long name',
    query: `query ${'A'.repeat(129)} { __typename }`,
    error: {
      message: 'The name of an operation may have 128 characters at most; this one has 129',
      locations: [{ line: 1, column: 7 }],
      extensions: exceeded('operationName', 128, { actual: 129 }),
    },
  },
  {
    name: 'fields inside fields',
    query: `{ ${'topology { '.repeat(15)} term ${'}'.repeat(15)} }`,
    error: {
      message: 'Fields may be nested 15 deep at most',
      locations: [{ line: 1, column: 169 }],
      extensions: exceeded('depth', 15),
    },
  },
  {
    name: 'a fragment that spreads itself one field deeper',
    query: '{ topology { leader { ...F } } } fragment F on Node { replication { upstream { ...F } } }',
    error: {
      message: 'Fields may be nested 15 deep at most',
      locations: [{ line: 1, column: 69 }],
      extensions: exceeded('depth', 15),
    },
  },
  {
    name: 'many fields at the root',
    query: `{ ${times(201, (n) => `f${n}: topology { term }`)} }`,
    error: {
      message: 'An operation may have 200 fields at its root at most; this one has 201',
      locations: [{ line: 1, column: 4_693 }],
      extensions: exceeded('rootFields', 200, { actual: 201 }),
    },
  },
  {
    name: 'many aliases',
    query: `{ topology { ${times(501, (n) => `f${n}: term`)} } }`,
    error: {
      message: 'A document may have 500 aliases at most',
      locations: [{ line: 1, column: 5_404 }],
      extensions: exceeded('aliases', 500),
    },
  },
  {
    name: 'fragments that double what they spread, thirteen times',
    query: `{ topology { ...F0 } } ${times(13, (n) => `fragment F${n} on Node { a: leader { ...F${n + 1} } b: leader { ...F${n + 1} } }`)} fragment F13 on Node { name }`,
    error: {
      message: 'A document may have 500 aliases at most',
      locations: [{ line: 1, column: 756 }],
      extensions: exceeded('aliases', 500),
    },
  },
  {
    name: 'many fields',
    query: `{ topology { ${times(5_000, () => 'term')} } }`,
    error: {
      message:
        'A document may have 5000 selections at most, those of a fragment counted wherever it is spread',
      locations: [{ line: 1, column: 25_009 }],
      extensions: exceeded('selections', 5_000),
    },
  },
  {
    name: 'one field again and again, of which validation compares each pair',
    query: `{ topology { ${times(142, () => 'term')} } }`,
    error: {
      message: 'A document may have 10000 pairs of fields at most that stand for the same value',
      locations: [{ line: 1, column: 719 }],
      extensions: exceeded('overlaps', 10_000),
    },
  },
  {
    name: 'the same in a fragment that nobody spreads',
    query: `{ __typename } fragment F on Topology { ${times(142, () => 'term')} }`,
    error: {
      message: 'A document may have 10000 pairs of fields at most that stand for the same value',
      locations: [{ line: 1, column: 746 }],
      extensions: exceeded('overlaps', 10_000),
    },
  },
  {
    name: 'pages inside an operation that are too much together',
    query: `query Many($n: Int = 200) { ${times(50, (n) => `p${n}: employees(first: $n) { nodes { id } }`)} }`,
    error: {
      message: 'An operation may have a cost of 20000 at most; this one has 20550',
      locations: [{ line: 1, column: 1 }],
      extensions: exceeded('cost', 20_000, { actual: 20_550 }),
    },
  },
];

/** What every transport answers, one after the other. */
async function resultsOf(operation: Operation): Promise<Record<string, readonly Result[]>> {
  const results: Record<string, readonly Result[]> = {};
  for (const { name, open } of transports) {
    const transport = open(gateway);
    results[name] = await transport.run(operation);
    transport.dispose();
  }
  return results;
}

test.each(table)('$name', async ({ query, operationName, error }) => {
  const results = await resultsOf({ query, ...(operationName !== undefined && { operationName }) });
  const expected = [{ errors: [error] }];
  expect(results).toEqual({
    http: expected,
    socket: expected,
    legacy: asLegacy(expected),
    streams: expected,
    oneStream: expected,
  });
});

test('of what is wrong everywhere, ten errors are told', async () => {
  const results = await resultsOf({ query: `{ topology { ${times(4_000, (n) => `f${n}`)} } }` });
  const { http, legacy, ...others } = results;
  expect(http?.[0]?.errors).toHaveLength(11);
  expect(JSON.stringify(http)).toContain('Validation aborted');
  expect(others).toEqual({ socket: http, streams: http, oneStream: http });
  expect(legacy).toEqual(asLegacy(http ?? []));
});

test('the same pages are served when a variable asks for less', async () => {
  const query = `query Many($n: Int = 200) { ${times(50, (n) => `p${n}: employees(first: $n) { nodes { id } }`)} }`;
  const results = await resultsOf({ query, variables: { n: 10 } });
  for (const [result] of Object.values(results)) {
    expect(result).toMatchObject({ data: { p49: { nodes: [{ id: '1' }] } } });
  }
});
