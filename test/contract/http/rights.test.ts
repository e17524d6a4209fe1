import { afterEach, describe, expect, test } from 'vitest';
import { permissions, type Authenticator, type Permission } from '../../../src/access/identity.js';
import type { Row } from '../../support/fake-employees.js';
import { everybodyMay, nobodyMay, someoneWho } from '../../support/identities.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { overHttp, overLegacySocket, overSocket, overStream, type Operation } from './transports.js';

const rows: readonly Row[] = [
  [1, 'John Doe', 'Manager', 5000],
  [2, 'Jane Smith', 'Developer', 4000],
];

let gateway: GatewayUnderTest;
afterEach(() => gateway.stop());

async function startFor(authenticator: Authenticator): Promise<void> {
  gateway = await startGateway({ rows, authenticator });
}

const forbidden = (permission: Permission, coordinate: string, path: readonly (string | number)[]) => ({
  message: `${coordinate} needs the permission ${permission}`,
  path,
  extensions: { code: 'FORBIDDEN', coordinate, permission },
});

const hidden = (path: readonly (string | number)[]) => forbidden('salaries:read', 'Employee.salary', path);

const addPaid = (salary: number) =>
  `mutation { addEmployee(input: {id: 3, name: "A", position: "B", salary: ${salary}, idempotencyKey: "key"}) { bookmark } }`;

describe('an operation is refused as a whole', () => {
  const add = 'addEmployee(input: {name: "A", position: "B", salary: 1}) { bookmark }';
  const update = 'updateEmployee(input: {id: 1, name: "C"}) { bookmark }';

  test.each<[Permission, string, string]>([
    ['employees:read', 'Query.employee', '{ employee(id: 1) { id } }'],
    ['employees:read', 'Query.employees', '{ employees { totalCount } }'],
    ['cluster:read', 'Query.topology', '{ topology { term } }'],
    ['cluster:read', 'Query.leadershipHistory', '{ leadershipHistory { term } }'],
    ['employees:write', 'Mutation.addEmployee', `mutation { ${add} }`],
    [
      'employees:write',
      'Mutation.addEmployees',
      'mutation { addEmployees(input: {employees: []}) { bookmark } }',
    ],
    ['employees:write', 'Mutation.updateEmployee', `mutation { ${update} }`],
    [
      'employees:write',
      'Mutation.removeEmployee',
      'mutation { removeEmployee(input: {id: 1}) { bookmark } }',
    ],
    [
      'cluster:steer',
      'Mutation.transferLeadership',
      'mutation { transferLeadership(to: "instance002") { term } }',
    ],
  ])('without %s: %s', async (permission, coordinate, query) => {
    await startFor(nobodyMay(permission));
    const { status, body } = await gateway.post(query);
    const [, field = ''] = coordinate.split('.');
    expect(status).toBe(403);
    expect(body).toMatchObject({ errors: [forbidden(permission, coordinate, [field])] });
    expect(body).not.toHaveProperty('data');
    expect(gateway.replicaSet.calls).toEqual([]);

    await using open = await startGateway({ rows, authenticator: everybodyMay(permission) });
    const { body: allowed } = await open.post(query);
    expect(JSON.stringify(allowed)).not.toContain('FORBIDDEN');
  });

  test.each<[string, Operation]>([
    ['a literal', { query: '{ employees(filter: {salary: {gt: 1}}) { totalCount } }' }],
    ['an empty filter', { query: '{ employees(filter: {salary: {}}) { totalCount } }' }],
    [
      'a variable for the whole filter',
      {
        query: 'query ($filter: EmployeeFilter) { employees(filter: $filter) { totalCount } }',
        variables: { filter: { name: { eq: 'A' }, salary: { in: [1] } } },
      },
    ],
    [
      'a variable inside',
      {
        query: 'query ($salary: IntFilter) { employees(filter: {salary: $salary}) { totalCount } }',
        variables: { salary: { lte: 1 } },
      },
    ],
    [
      'the default of a variable',
      { query: 'query ($f: EmployeeFilter = {salary: {gte: 1}}) { employees(filter: $f) { totalCount } }' },
    ],
    [
      'a fragment in a fragment',
      {
        query: `{ topology { term } ...A }
          fragment A on Query { ... on Query { ...B } }
          fragment B on Query { all: employees(filter: {salary: {eq: 1}}) { totalCount } }`,
      },
    ],
    [
      'a field that a variable includes',
      {
        query:
          'query ($is: Boolean!) { employees(filter: {salary: {eq: 1}}) @include(if: $is) { totalCount } }',
        variables: { is: true },
      },
    ],
  ])('when a salary is filtered by, in %s', async (_where, operation) => {
    await startFor(nobodyMay('salaries:read'));
    const { body } = await gateway.post(operation.query, operation.variables);
    expect(body).toMatchObject({
      errors: [
        {
          extensions: { code: 'FORBIDDEN', coordinate: 'EmployeeFilter.salary', permission: 'salaries:read' },
        },
      ],
    });
    expect(gateway.replicaSet.calls).toEqual([]);
  });

  test.each<[string, Operation]>([
    ['a literal', { query: '{ employees(orderBy: {field: SALARY}) { nodes { id } } }' }],
    [
      'a variable',
      {
        query: 'query ($field: EmployeeOrderField!) { employees(orderBy: {field: $field}) { nodes { id } } }',
        variables: { field: 'SALARY' },
      },
    ],
    [
      'the default of a variable',
      { query: 'query ($by: EmployeeOrder = {field: SALARY}) { employees(orderBy: $by) { nodes { id } } }' },
    ],
  ])('when a list is ordered by salary, in %s', async (_where, operation) => {
    await startFor(nobodyMay('salaries:read'));
    const { body } = await gateway.post(operation.query, operation.variables);
    expect(body).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN', coordinate: 'EmployeeOrderField.SALARY' } }],
    });
    expect(gateway.replicaSet.calls).toEqual([]);
  });

  test('when a write depends on a salary, and nothing of the operation is applied', async () => {
    await startFor(nobodyMay('salaries:read'));
    const { body } = await gateway.post(
      `mutation ($expected: ExpectedEmployeeInput) {
        ${add}
        updateEmployee(input: {id: 1, name: "C", expected: $expected}) { bookmark }
      }`,
      { expected: { salary: 5000 } },
    );
    expect(body).toMatchObject({
      errors: [forbidden('salaries:read', 'ExpectedEmployeeInput.salary', ['updateEmployee'])],
    });
    expect(gateway.replicaSet.writes).toEqual([]);
  });
});

describe('an operation is let through', () => {
  test('when what may not be done is skipped, or given no value', async () => {
    await startFor(everybodyMay('employees:read'));
    const { body } = await gateway.post(
      `query ($no: Boolean!, $filter: EmployeeFilter) {
        topology @include(if: $no) { term }
        ... @include(if: $no) { leadershipHistory { term } }
        employees(filter: $filter, orderBy: {field: NAME}) { totalCount }
      }`,
      { no: false, filter: { salary: null } },
    );
    expect(body).toEqual({ data: { employees: { totalCount: 2 } } });
  });

  test('for introspection, whoever asks', async () => {
    await startFor(everybodyMay());
    const { body } = await gateway.post(
      '{ __typename __schema { queryType { name } } __type(name: "Employee") { name } }',
    );
    expect(body).toEqual({
      data: { __typename: 'Query', __schema: { queryType: { name: 'Query' } }, __type: { name: 'Employee' } },
    });
  });

  test('as far as a bad variable is told as for everybody else', async () => {
    await startFor(everybodyMay('employees:read'));
    const query = 'query ($filter: EmployeeFilter) { employees(filter: $filter) { totalCount } }';
    const { body } = await gateway.post(query, { filter: { salary: { gt: 'much' } } });
    expect(body).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', field: 'filter.salary.gt' } }],
    });
  });
});

describe('the salary of an employee', () => {
  test('is null for who may not read it, with an error at each path', async () => {
    await startFor(everybodyMay('employees:read'));
    const { status, body } = await gateway.post(
      `{
        employee(id: 1) { name pay: salary ...Pay }
        employees { nodes { id salary } edges { node { salary } } }
      }
      fragment Pay on Employee { salary }`,
    );
    expect(status).toBe(200);
    expect(body.data).toEqual({
      employee: { name: 'John Doe', pay: null, salary: null },
      employees: {
        nodes: [
          { id: '1', salary: null },
          { id: '2', salary: null },
        ],
        edges: [{ node: { salary: null } }, { node: { salary: null } }],
      },
    });
    const paths = [
      ['employee', 'pay'],
      ['employee', 'salary'],
      ['employees', 'nodes', 0, 'salary'],
      ['employees', 'nodes', 1, 'salary'],
      ['employees', 'edges', 0, 'node', 'salary'],
      ['employees', 'edges', 1, 'node', 'salary'],
    ];
    const errors = new Map(body.errors?.map((error) => [String(error.path), error]));
    expect([...errors.keys()].toSorted()).toEqual(paths.map(String).toSorted());
    for (const path of paths) expect(errors.get(String(path))).toMatchObject(hidden(path));
    expect(errors.get('employee,pay')).toMatchObject({ locations: [{ line: 2, column: 32 }] });
    expect(JSON.stringify(body)).not.toMatch(/5000|4000/);
  });

  test('is written by who may write employees, and not told to them', async () => {
    await startFor(everybodyMay('employees:write'));
    const { body } = await gateway.post(
      `mutation {
        addEmployee(input: {id: 3, name: "A", position: "B", salary: 6000}) { employee { id name salary } }
        updateEmployee(input: {id: 1, salary: 5500}) { employee { position salary } }
        removeEmployee(input: {id: 2}) { employee { name salary } }
      }`,
    );
    expect(body.data).toEqual({
      addEmployee: { employee: { id: '3', name: 'A', salary: null } },
      updateEmployee: { employee: { position: 'Manager', salary: null } },
      removeEmployee: { employee: { name: 'Jane Smith', salary: null } },
    });
    expect(body.errors).toMatchObject([
      hidden(['addEmployee', 'employee', 'salary']),
      hidden(['updateEmployee', 'employee', 'salary']),
      hidden(['removeEmployee', 'employee', 'salary']),
    ]);
    expect([...gateway.replicaSet.employees.rows.values()].map(([id, , , salary]) => [id, salary])).toEqual([
      [1, 5500],
      [3, 6000],
    ]);
  });

  test('is told a thousand times that it is withheld, and then how often it is still', async () => {
    const many = Array.from({ length: 150 }, (_, index): Row => [index + 1, 'A', 'B', 7777]);
    gateway = await startGateway({ rows: many, authenticator: everybodyMay('employees:read') });
    const lists = Array.from(
      { length: 7 },
      (_, index) => `l${index}: employees(first: 150) { nodes { salary } }`,
    );
    const { body } = await gateway.post(`{ ${lists.join(' ')} }`);
    const errors = body.errors ?? [];
    expect(errors).toHaveLength(1001);
    expect(new Set(errors.map(({ path }) => JSON.stringify(path))).size).toBe(1001);
    expect(errors.at(-1)).toMatchObject({
      path: ['l6', 'nodes', 100, 'salary'],
      extensions: { code: 'FORBIDDEN', withheld: 50 },
    });
    expect(JSON.stringify(body.data).match(/"salary":null/g)).toHaveLength(1050);
  });

  test('cannot be found out by repeating somebody else’s mutation with salaries that it may have had', async () => {
    await startFor({
      identify: ({ authorization }) =>
        authorization === 'boss' ? someoneWho(...permissions) : someoneWho('employees:write'),
    });
    const boss = { authorization: 'boss' };
    const first = await gateway.post(addPaid(6000), {}, boss);
    expect(await gateway.post(addPaid(6000), {}, boss)).toMatchObject({ body: first.body });
    for (const salary of [5999, 6000, 6001]) {
      const { body } = await gateway.post(addPaid(salary));
      expect(body).toMatchObject({ errors: [{ extensions: { code: 'IDEMPOTENCY_KEY_REUSED' } }] });
    }
  });

  test('does not keep its writer from repeating a mutation', async () => {
    await startFor(everybodyMay('employees:write'));
    const add =
      'mutation { addEmployee(input: {name: "A", position: "B", salary: 1, idempotencyKey: "key"}) { employee { id } } }';
    const first = await gateway.post(add);
    expect(first.body).toEqual({ data: { addEmployee: { employee: { id: expect.any(String) } } } });
    expect(await gateway.post(add)).toMatchObject({ body: first.body });
    expect(gateway.replicaSet.employees.rows.size).toBe(rows.length + 1);
  });

  test('is there for who may read it', async () => {
    await startFor(everybodyMay('employees:read', 'salaries:read'));
    const { body } = await gateway.post(
      '{ employees(filter: {salary: {gt: 4500}}, orderBy: {field: SALARY}) { nodes { salary } } }',
    );
    expect(body).toEqual({ data: { employees: { nodes: [{ salary: 5000 }] } } });
  });
});

describe.each([
  { name: 'HTTP', open: overHttp },
  { name: 'a WebSocket', open: overSocket },
  { name: 'a WebSocket of the older protocol', open: overLegacySocket },
  { name: 'a stream for each', open: (to: GatewayUnderTest) => overStream(to, { single: false }) },
  { name: 'one stream for all', open: (to: GatewayUnderTest) => overStream(to, { single: true }) },
])('over $name', ({ name, open }) => {
  test('the same is refused, and the same withheld', async () => {
    await startFor(everybodyMay('employees:read'));
    const transport = open(gateway);
    expect(await transport.run({ query: '{ all: topology { term } }' })).toMatchObject([
      { errors: [forbidden('cluster:read', 'Query.topology', ['all'])] },
    ]);
    expect(
      await transport.run({ query: '{ employees(filter: {salary: {eq: 1}}) { totalCount } }' }),
    ).toMatchObject([{ errors: [forbidden('salaries:read', 'EmployeeFilter.salary', ['employees'])] }]);
    expect(await transport.run({ query: '{ employee(id: 1) { salary } }' })).toMatchObject([
      {
        data: { employee: { salary: null } },
        errors: [forbidden('salaries:read', 'Employee.salary', ['employee', 'salary'])],
      },
    ]);
    if (name !== 'HTTP') {
      expect(await transport.run({ query: 'subscription { leadershipChanged { term } }' })).toMatchObject([
        { errors: [forbidden('cluster:read', 'Subscription.leadershipChanged', ['leadershipChanged'])] },
      ]);
    }
    transport.dispose();
  });
});

test('who may do everything is refused nothing', async () => {
  await startFor(everybodyMay(...permissions));
  const { body } = await gateway.post(
    '{ employees(orderBy: {field: SALARY}) { nodes { salary } } topology { term } }',
  );
  expect(body.errors).toBeUndefined();
});
