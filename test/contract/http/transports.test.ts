import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HttpSettings } from '../../../src/http/server.js';
import { CancelledError } from '../../../src/replicaset/errors.js';
import { waitFor } from '../../../src/trial/wait-for.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { asLegacy, transports, type Operation, type Result } from './transports.js';

/*
 * One table of operations, good and bad, through every transport: the client gets the same result whichever it takes.
 */

const code = (name: string, rest: object = {}) => ({
  extensions: expect.objectContaining({ code: name, ...rest }),
});

/** What is asked for; what every client gets, in part. */
const table: readonly (Operation & { readonly expected: object })[] = [
  { query: '{ employee(id: 1) { id name salary } }', expected: { data: { employee: { name: 'John Doe' } } } },
  {
    query: 'query ($id: ID!) { employee(id: $id) { name } }',
    variables: { id: 2 },
    expected: { data: { employee: null } },
  },
  {
    query: 'mutation { updateEmployee(input: {id: 1, salary: 1}) { employee { salary } } }',
    expected: { data: { updateEmployee: { employee: { salary: 1 } } } },
  },
  {
    query: 'query A { employee(id: 1) { id } } query B { topology { term } }',
    operationName: 'B',
    expected: { data: { topology: { term: 1 } } },
  },
  { query: '{ __schema { queryType { name } } }', expected: { data: { __schema: {} } } },
  // Refused as a whole.
  { query: '{', expected: { errors: [code('GRAPHQL_PARSE_FAILED')] } },
  { query: '{ nothing }', expected: { errors: [code('GRAPHQL_VALIDATION_FAILED')] } },
  {
    query: '{ one two topology { three } }',
    expected: { errors: [1, 2, 3].map(() => code('GRAPHQL_VALIDATION_FAILED')) },
  },
  {
    query: '{ employee(id: 1.5) { id } }',
    expected: { errors: [code('BAD_USER_INPUT', { field: 'id' })] },
  },
  { query: `{ ${'topology { term } '.repeat(2600)} }`, expected: { errors: [code('LIMIT_EXCEEDED')] } },
  {
    query: 'query A { __typename } query B { __typename }',
    expected: { errors: [code('OPERATION_RESOLUTION_FAILURE')] },
  },
  {
    query: 'query A { __typename }',
    operationName: 'C',
    expected: { errors: [code('OPERATION_RESOLUTION_FAILURE')] },
  },
  // Found while it is executed.
  {
    query: 'query ($id: ID!) { employee(id: $id) { id } }',
    variables: { id: 1.5 },
    expected: { errors: [code('BAD_USER_INPUT', { field: 'id' })] },
  },
  { query: 'query ($id: ID!) { employee(id: $id) { id } }', expected: { errors: [code('BAD_USER_INPUT')] } },
  {
    query: 'mutation ($input: AddEmployeeInput!) { addEmployee(input: $input) { employee { id } } }',
    variables: { input: { name: 'A', position: 'B', salary: 'many' } },
    expected: { errors: [code('BAD_USER_INPUT', { field: 'input.salary' })] },
  },
  {
    query: 'mutation { addEmployee(input: {name: " ", position: "B", salary: 1}) { employee { id } } }',
    expected: { data: null, errors: [code('BAD_USER_INPUT', { field: 'input.name' })] },
  },
  {
    query:
      'mutation { addEmployee(input: {id: 1, name: "A", position: "B", salary: 1}) { employee { id } } }',
    expected: { data: null, errors: [code('EMPLOYEE_EXISTS', { id: '1' })] },
  },
  {
    query: '{ good: employee(id: 1) { name } bad: employee(id: 0) { name } }',
    expected: { data: { good: { name: 'John Doe' }, bad: null }, errors: [code('BAD_USER_INPUT')] },
  },
  {
    query: '{ employee(id: 1, read: {node: "nowhere"}) { id } }',
    expected: { errors: [code('BAD_USER_INPUT', { field: 'read.node' })] },
  },
];

let gateway: GatewayUnderTest;
beforeEach(async () => {
  gateway = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]] });
});
afterEach(() => gateway.stop());

interface Results {
  /** What all are measured by. */
  readonly http: readonly Result[];
  /** By the name of the transport. */
  readonly others: Readonly<Record<string, readonly Result[]>>;
}

/** What one operation gives through every transport, each time on the same employees. */
async function resultsOf(
  { query, variables, operationName }: Operation,
  settings: Partial<HttpSettings> = {},
): Promise<Results> {
  const results: Record<string, readonly Result[]> = {};
  for (const { name, open } of transports) {
    await using fresh = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]], settings });
    const transport = open(fresh);
    results[name] = await transport.run({
      query,
      ...(variables && { variables }),
      ...(operationName !== undefined && { operationName }),
    });
    transport.dispose();
  }
  const { http = [], ...others } = results;
  return { http, others };
}

test.each(table)('gives the same through every transport: $query $operationName $variables', async (row) => {
  const { http, others } = await resultsOf(row);
  expect(http).toMatchObject([row.expected]);
  expect(others).toEqual({ socket: http, legacy: asLegacy(http), streams: http, oneStream: http });
});

test.each(transports)(
  'over $name: an internal error reaches the log and not the client',
  async ({ open }) => {
    gateway.replicaSet.beforeCall = () => {
      throw new Error('connect ECONNREFUSED gateway:hunter2@10.0.0.7');
    };
    const transport = open(gateway);
    const [result] = await transport.run({ query: '{ employee(id: 1) { id } }' });
    expect(result).toEqual({
      data: { employee: null },
      errors: [
        {
          message: 'Internal server error',
          locations: [{ line: 1, column: 3 }],
          path: ['employee'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
        },
      ],
    });
    const [told = 'no id'] = /"requestId":"[^"]+"/.exec(JSON.stringify(result)) ?? [];
    expect(gateway.logged()).toContain('hunter2');
    expect(gateway.logged()).toContain(told);
    transport.dispose();
  },
);

test('no schema is shown on any transport where introspection is off', async () => {
  const query = '{ __schema { queryType { name } } }';
  const { http, others } = await resultsOf({ query }, { introspection: false });
  const refused = code('GRAPHQL_VALIDATION_FAILED');
  expect(http).toMatchObject([{ errors: [refused, refused] }]);
  expect(others).toEqual({ socket: http, legacy: asLegacy(http), streams: http, oneStream: http });
});

test('no error names what else the schema has where introspection is off', async () => {
  const misspelt: readonly Operation[] = [
    { query: '{ employe(id: 1) { id } }' },
    { query: '{ employees(filter: { nam: { eq: "a" } }) { totalCount } }' },
    {
      query: 'query ($order: EmployeeOrder) { employees(orderBy: $order) { totalCount } }',
      variables: { order: { field: 'SALERY' } },
    },
    {
      query: 'query ($filter: EmployeeFilter) { employees(filter: $filter) { totalCount } }',
      variables: { filter: { nam: { eq: 'a' } } },
    },
  ];
  for (const operation of misspelt) {
    const { http: open } = await resultsOf(operation);
    expect(JSON.stringify(open)).toContain('Did you mean');
    const { http, others } = await resultsOf(operation, { introspection: false });
    expect(JSON.stringify(http)).toContain('errors');
    expect(JSON.stringify(http)).not.toMatch(/Did you mean|SALARY|employees|\bname\b/);
    expect(others).toEqual({ socket: http, legacy: asLegacy(http), streams: http, oneStream: http });
  }
});

test.each(transports)(
  'over $name: a request that waits is told when its client has gone away',
  async ({ open }) => {
    gateway.replicaSet.beforeCall = ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new CancelledError('The client has gone away')));
      });
    const transport = open(gateway);
    const { leave } = transport.listen({ query: '{ employee(id: 1) { id } }' });
    await waitFor('the call waits', () => gateway.replicaSet.calls.length === 1);
    expect(gateway.replicaSet.calls[0]?.signal?.aborted).toBe(false);
    leave();
    await waitFor('the call is told', () => gateway.replicaSet.calls[0]?.signal?.aborted === true);
    transport.dispose();
  },
);

describe.each(transports.filter(({ name }) => name !== 'http'))('over $name: a subscription', ({ open }) => {
  const query = 'subscription { leadershipChanged { kind term leader { name } } }';

  test('tells how things stand, then every change, in order; and nothing is left of it', async () => {
    const transport = open(gateway);
    const { results, leave } = transport.listen({ query });
    await waitFor('the first event has come', () => results.length === 1);
    gateway.replicaSet.loseLeader();
    await waitFor('the second event has come', () => results.length === 2);
    gateway.replicaSet.elect('instance002');
    await waitFor('the third event has come', () => results.length === 3);
    expect(results).toEqual([
      { data: { leadershipChanged: { kind: 'CURRENT', term: 1, leader: { name: 'instance001' } } } },
      { data: { leadershipChanged: { kind: 'LOST', term: 1, leader: null } } },
      { data: { leadershipChanged: { kind: 'ELECTED', term: 2, leader: { name: 'instance002' } } } },
    ]);
    leave();
    await waitFor('nobody listens', () => gateway.replicaSet.listenerCount === 0);
    transport.dispose();
  });

  test('that fails for a reason of our own says no more than that', async () => {
    Object.defineProperty(gateway.replicaSet, 'view', {
      get() {
        throw new Error('hunter2');
      },
    });
    const transport = open(gateway);
    const results = await transport.run({ query });
    expect(results).toMatchObject([
      { errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
    ]);
    expect(gateway.logged()).toContain('hunter2');
    transport.dispose();
  });

  test('does not hold up the stop of the gateway', async () => {
    await using stopping = await startGateway({ settings: { stopTimeoutMs: 60_000 } });
    const transport = open(stopping);
    const { results } = transport.listen({ query });
    await waitFor('the first event has come', () => results.length === 1);
    await stopping.stop();
    expect(stopping.replicaSet.listenerCount).toBe(0);
    transport.dispose();
  });
});
