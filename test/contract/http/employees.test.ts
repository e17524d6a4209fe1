import { beforeEach, afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  ClusterUnavailableError,
  OutcomeUnknownError,
  OverloadedError,
} from '../../../src/replicaset/errors.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';

let gateway: GatewayUnderTest;
beforeEach(async () => {
  gateway = await startGateway({
    rows: [
      [1, 'John Doe', 'Manager', 5000],
      [2, 'Jane Smith', 'Developer', 4000],
    ],
  });
});
afterEach(() => gateway.stop());

const addEmployee = `mutation ($input: AddEmployeeInput!) {
  addEmployee(input: $input) { employee { id name position salary } }
}`;
const ada = { name: 'Ada', position: 'Engineer', salary: 6000 };

const page = z.object({
  nodes: z.array(z.object({ id: z.string() })),
  pageInfo: z.object({ startCursor: z.string(), endCursor: z.string() }),
});

async function extensionsOf(query: string, variables?: object) {
  const { body } = await gateway.post(query, variables);
  return body.errors?.map(({ extensions }) => extensions);
}

function failWith(error: Error): void {
  gateway.replicaSet.beforeCall = () => {
    throw error;
  };
}

describe('reading', () => {
  test('100 employees by id in one request are one call', async () => {
    const aliases = Array.from(
      { length: 100 },
      (_, index) => `e${index + 1}: employee(id: ${index + 1}) { name }`,
    );
    const { body } = await gateway.post(`{ ${aliases.join(' ')} }`);
    expect(body.data).toMatchObject({
      e1: { name: 'John Doe' },
      e2: { name: 'Jane Smith' },
      e3: null,
      e100: null,
    });
    expect(gateway.replicaSet.calls).toHaveLength(1);
    expect(gateway.replicaSet.calls[0]?.argument).toHaveLength(100);
  });

  test('a page has nodes, edges, flags and a total', async () => {
    const { body } = await gateway.post(`{
      employees(first: 1, orderBy: { field: SALARY }) {
        totalCount
        nodes { id name position salary }
        edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`);
    expect(body.errors).toBeUndefined();
    const cursor = expect.stringMatching(/^[\w-]+$/);
    expect(body.data).toEqual({
      employees: {
        totalCount: 2,
        nodes: [{ id: '2', name: 'Jane Smith', position: 'Developer', salary: 4000 }],
        edges: [{ cursor, node: { id: '2' } }],
        pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: cursor, endCursor: cursor },
      },
    });
  });

  test('a page tells which node it came from, whoever was asked for', async () => {
    const { body } = await gateway.post(`{
      leader: employees { answeredBy }
      node: employees(read: { node: "instance003" }) { answeredBy }
      nobody: employees(filter: { name: { in: [] } }) { answeredBy }
    }`);
    expect(body.data).toEqual({
      leader: { answeredBy: 'instance001' },
      node: { answeredBy: 'instance003' },
      nobody: { answeredBy: null },
    });
  });

  test('the total is counted only when it is asked for', async () => {
    await gateway.post('{ employees { nodes { id } } }');
    expect(gateway.replicaSet.calls.map(({ fn }) => fn)).toEqual(['employees.page']);
  });

  test.each([
    ['', { kind: 'leader' }, 'leader'],
    ['read: { consistency: LINEARIZABLE }', { kind: 'leader' }, 'linearizable'],
    ['read: { consistency: REPLICA }', { kind: 'replica' }, 'any'],
    ['read: { node: "instance003" }', { kind: 'node', name: 'instance003' }, 'any'],
    ['read: { node: "instance003", consistency: REPLICA }', { kind: 'node', name: 'instance003' }, 'any'],
  ])('the answer comes from where %j says, as fresh as it says', async (read, target, consistency) => {
    await gateway.post(`{ employees${read && `(${read})`} { totalCount nodes { id } } }`);
    const asked = { target, options: { consistency } };
    expect(gateway.replicaSet.calls).toMatchObject([asked, asked]);
  });

  test('a read that is given the bookmark of a mutation passes it on, but not to a leader', async () => {
    const { body } = await gateway.post(
      `mutation { addEmployee(input: { name: "Ada", position: "Engineer", salary: 1, idempotencyKey: "mine" }) { bookmark } }`,
    );
    const bookmark = Object(body.data?.['addEmployee']).bookmark;
    gateway.replicaSet.calls.length = 0;
    const query = `query ($bookmark: String!) {
      replica: employee(id: 3, read: { consistency: REPLICA, bookmark: $bookmark }) { name }
      node: employee(id: 3, read: { node: "instance002", bookmark: $bookmark }) { name }
      leader: employee(id: 3, read: { bookmark: $bookmark }) { name }
      linearizable: employee(id: 3, read: { consistency: LINEARIZABLE, bookmark: $bookmark }) { name }
    }`;
    const found = { name: 'Ada' };
    expect((await gateway.post(query, { bookmark })).body).toEqual({
      data: { replica: found, node: found, leader: found, linearizable: found },
    });
    const passed = { request_id: 'mine', applied_at: expect.any(Number) };
    expect(gateway.replicaSet.calls.map(({ options }) => Object(options).bookmark)).toEqual([
      passed,
      passed,
      undefined,
      undefined,
    ]);
  });

  test('pages stay as they are while employees come and go around them', async () => {
    const { rows } = gateway.replicaSet.employees;
    for (let id = 10; id <= 90; id += 10) rows.set(id, [id, `Name ${id}`, 'Tester', id]);
    const query = `query ($after: String, $before: String, $first: Int, $last: Int) {
      employees(after: $after, before: $before, first: $first, last: $last, filter: { position: { eq: "Tester" } },
                orderBy: { field: NAME, direction: DESC }) {
        nodes { id }
        pageInfo { startCursor endCursor }
      }
    }`;
    const read = async (variables: object) => {
      const { body } = await gateway.post(query, variables);
      const { nodes, pageInfo } = page.parse(body.data?.['employees']);
      return { ids: nodes.map(({ id }) => Number(id)), ...pageInfo };
    };

    const first = await read({ first: 3 });
    expect(first.ids).toEqual([90, 80, 70]);
    rows.set(75, [75, 'Name 75', 'Tester', 1]);
    rows.set(95, [95, 'Name 95', 'Tester', 1]);
    rows.delete(70);
    const second = await read({ first: 3, after: first.endCursor });
    expect(second.ids).toEqual([60, 50, 40]);
    rows.set(55, [55, 'Name 55', 'Tester', 1]);
    const back = await read({ last: 3, before: second.startCursor });
    expect(back.ids).toEqual([90, 80, 75]);
  });
});

describe('writing', () => {
  test('an employee is added, changed and removed', async () => {
    const added = await gateway.post(addEmployee, { input: ada });
    expect(added.body).toEqual({ data: { addEmployee: { employee: { id: '3', ...ada } } } });
    const changed = await gateway.post(
      'mutation { updateEmployee(input: {id: 3, salary: 7000}) { employee { id name salary } } }',
    );
    expect(changed.body).toEqual({
      data: { updateEmployee: { employee: { id: '3', name: 'Ada', salary: 7000 } } },
    });
    const removed = await gateway.post('mutation { removeEmployee(input: {id: 3}) { employee { name } } }');
    expect(removed.body).toEqual({ data: { removeEmployee: { employee: { name: 'Ada' } } } });
    expect((await gateway.post('{ employee(id: 3) { id } }')).body).toEqual({ data: { employee: null } });
  });

  test('many are added at once, or none', async () => {
    const addEmployees =
      'mutation ($input: AddEmployeesInput!) { addEmployees(input: $input) { employees { id } } }';
    const input = { employees: [ada, { ...ada, id: '9007199254740991' }] };
    expect((await gateway.post(addEmployees, { input })).body).toEqual({
      data: { addEmployees: { employees: [{ id: '3' }, { id: '9007199254740991' }] } },
    });
    const clashing = { employees: [ada, { ...ada, id: 2 }] };
    expect(await extensionsOf(addEmployees, { input: clashing })).toEqual([
      { code: 'EMPLOYEE_EXISTS', field: 'input.employees[1].id', id: '2' },
    ]);
    expect(gateway.replicaSet.employees.rows.size).toBe(4);
  });

  test('a taken id and a missing one are told by code, field and id', async () => {
    expect(await extensionsOf(addEmployee, { input: { ...ada, id: 1 } })).toEqual([
      { code: 'EMPLOYEE_EXISTS', field: 'input.id', id: '1' },
    ]);
    const missing = [{ code: 'EMPLOYEE_NOT_FOUND', field: 'input.id', id: '77' }];
    expect(
      await extensionsOf('mutation { updateEmployee(input: {id: 77, salary: 1}) { employee { id } } }'),
    ).toEqual(missing);
    expect(await extensionsOf('mutation { removeEmployee(input: {id: 77}) { employee { id } } }')).toEqual(
      missing,
    );
  });

  test('each mutation answers a bookmark, a repetition the same one', async () => {
    const mutations = [
      'addEmployee(input: { name: "A", position: "P", salary: 1, idempotencyKey: "a" }) { bookmark }',
      'addEmployees(input: { employees: [{ name: "A", position: "P", salary: 1 }], idempotencyKey: "b" }) { bookmark }',
      'updateEmployee(input: { id: 1, salary: 9, idempotencyKey: "c" }) { bookmark }',
      'removeEmployee(input: { id: 2, idempotencyKey: "d" }) { bookmark }',
    ];
    const bookmarks = await Promise.all(
      [...mutations, ...mutations].map(async (mutation) => {
        const { body } = await gateway.post(`mutation { payload: ${mutation} }`);
        return Object(body.data?.['payload']).bookmark;
      }),
    );
    expect(bookmarks.slice(4)).toEqual(bookmarks.slice(0, 4));
    expect(new Set(bookmarks).size).toBe(4);
    for (const bookmark of bookmarks) expect(bookmark).toMatch(/^[\w-]+$/);
  });

  test('a repetition with the same key answers the same, and one with other arguments is refused', async () => {
    const input = { ...ada, idempotencyKey: 'once' };
    const first = await gateway.post(addEmployee, { input });
    expect((await gateway.post(addEmployee, { input })).body).toEqual(first.body);
    expect(await extensionsOf(addEmployee, { input: { ...input, salary: 1 } })).toEqual([
      { code: 'IDEMPOTENCY_KEY_REUSED', idempotencyKey: 'once' },
    ]);
    expect(gateway.replicaSet.employees.rows.size).toBe(3);
  });

  test('the header Idempotency-Key covers every mutation of an operation', async () => {
    const query = `mutation {
      a: addEmployee(input: {name: "A", position: "P", salary: 1}) { employee { id } }
      b: addEmployee(input: {name: "A", position: "P", salary: 1}) { employee { id } }
    }`;
    const first = await gateway.post(query, {}, { 'idempotency-key': 'op' });
    expect(first.body.data).toEqual({ a: { employee: { id: '3' } }, b: { employee: { id: '4' } } });
    expect((await gateway.post(query, {}, { 'idempotency-key': 'op' })).body).toEqual(first.body);
    expect(gateway.replicaSet.writes.map(({ argument }) => argument)).toMatchObject([
      { request_id: 'op' },
      { request_id: 'op:b' },
      { request_id: 'op' },
      { request_id: 'op:b' },
    ]);
  });

  test('the deadline is made at the door, and is the same for all that the operation does', async () => {
    const before = performance.now();
    await gateway.post('{ employees { totalCount nodes { id } } }');
    const deadlines = new Set(gateway.replicaSet.calls.map(({ deadlineAt }) => deadlineAt));
    expect(deadlines.size).toBe(1);
    const [deadlineAt = 0] = deadlines;
    expect(deadlineAt - before).toBeGreaterThan(1_999);
    expect(deadlineAt - performance.now()).toBeLessThan(2_000);
  });
});

describe('failing', () => {
  test('a mutation that nobody could take says so, and that nothing was applied', async () => {
    failWith(
      new ClusterUnavailableError({ summary: 'x', term: 7, lastLeader: 'instance002', waitedMs: 2000 }),
    );
    expect(await extensionsOf(addEmployee, { input: ada })).toEqual([
      { code: 'CLUSTER_UNAVAILABLE', retryable: true, term: 7, lastLeader: 'instance002', waitedMs: 2000 },
    ]);
  });

  test('a mutation of unknown outcome gives the key to ask again with', async () => {
    failWith(new OutcomeUnknownError({ message: 'x', node: 'instance001' }));
    expect(await extensionsOf(addEmployee, { input: { ...ada, idempotencyKey: 'mine' } })).toEqual([
      { code: 'OUTCOME_UNKNOWN', retryable: true, idempotencyKey: 'mine' },
    ]);
    const uuid = expect.stringMatching(/^[\da-f-]{36}$/);
    expect(await extensionsOf(addEmployee, { input: ada })).toEqual([
      { code: 'OUTCOME_UNKNOWN', retryable: true, idempotencyKey: uuid },
    ]);
  });

  test('a request too many says so', async () => {
    failWith(new OverloadedError('x'));
    expect(await extensionsOf('{ employee(id: 1) { id } }')).toEqual([
      { code: 'OVERLOADED', retryable: true },
    ]);
  });

  test('one field that fails leaves the others alone', async () => {
    const { status, body } = await gateway.post(
      '{ bad: employee(id: 0) { id } good: employee(id: 1) { name } }',
    );
    expect(status).toBe(200);
    expect(body.data).toEqual({ bad: null, good: { name: 'John Doe' } });
    expect(body.errors).toMatchObject([{ path: ['bad'] }]);
  });
});
