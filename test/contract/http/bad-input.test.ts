import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';

/*
 * Whatever is wrong, and wherever it stands (in a literal, in a variable, inside a list), the client hears BAD_USER_INPUT
 * with the field and a reason, and nothing reaches the cluster.
 */

let gateway: GatewayUnderTest;
const cursors: Record<string, string> = {};

beforeAll(async () => {
  gateway = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]] });
  const { body } = await gateway.post(`{
    byId: employees { pageInfo { endCursor } }
    byName: employees(orderBy: { field: NAME }) { pageInfo { endCursor } }
    managers: employees(filter: { position: { eq: "Manager" } }) { pageInfo { endCursor } }
  }`);
  for (const [name, page] of Object.entries(body.data ?? {})) {
    cursors[name] = JSON.stringify(page).match(/(?<="endCursor":")[\w-]+/)?.[0] ?? '';
  }
  gateway.replicaSet.calls.length = 0;
});
afterAll(() => gateway.stop());

const add = (fields: string) => `mutation { addEmployee(input: {${fields}}) { employee { id } } }`;
const john = 'name: "John", position: "Manager", salary: 1';
const page = (args: string) => `{ employees(${args}) { nodes { id } } }`;

test.each<[string, string, RegExp]>([
  // Ids
  ['{ employee(id: 0) { id } }', 'id', /from 1 to 9007199254740991/],
  ['{ employee(id: -1) { id } }', 'id', /from 1 to 9007199254740991/],
  ['{ employee(id: "") { id } }', 'id', /from 1 to 9007199254740991/],
  ['{ employee(id: "01") { id } }', 'id', /from 1 to 9007199254740991/],
  ['{ employee(id: "1e3") { id } }', 'id', /from 1 to 9007199254740991/],
  ['{ employee(id: "1.5") { id } }', 'id', /from 1 to 9007199254740991/],
  ['{ employee(id: 1.5) { id } }', 'id', /^ID cannot represent/],
  ['{ employee(id: 9007199254740992) { id } }', 'id', /from 1 to 9007199254740991/],
  ['{ employee(id: true) { id } }', 'id', /^ID cannot represent/],
  [add(`id: 0, ${john}`), 'input.id', /from 1 to/],
  ['mutation { updateEmployee(input: {id: "x", salary: 1}) { employee { id } } }', 'input.id', /from 1 to/],
  ['mutation { removeEmployee(input: {id: 9007199254740993}) { employee { id } } }', 'input.id', /from 1 to/],
  // Texts
  [add('name: "", position: "M", salary: 1'), 'input.name', /1 to 200 characters/],
  [add(`name: "${'x'.repeat(10_000)}", position: "M", salary: 1`), 'input.name', /1 to 200 characters/],
  [add('name: "   ", position: "M", salary: 1'), 'input.name', /blank/],
  [add('name: "a\\u0007b", position: "M", salary: 1'), 'input.name', /control characters/],
  [add('name: "a\\u2028b", position: "M", salary: 1'), 'input.name', /control characters/],
  [add('name: "J", position: "\\t", salary: 1'), 'input.position', /blank/],
  [add('name: 7, position: "M", salary: 1'), 'input.name', /^String cannot represent/],
  ['mutation { updateEmployee(input: {id: 1, name: ""}) { employee { id } } }', 'input.name', /1 to 200/],
  ['mutation { updateEmployee(input: {id: 1, name: null}) { employee { id } } }', 'input.name', /null/],
  ['mutation { updateEmployee(input: {id: 1}) { employee { id } } }', 'input', /at least one/],
  // Salaries
  [add('name: "J", position: "M", salary: -1'), 'input.salary', /from 0 to 2147483647/],
  [add('name: "J", position: "M", salary: 1.5'), 'input.salary', /^Int cannot represent non-integer/],
  [add('name: "J", position: "M", salary: 2147483648'), 'input.salary', /^Int cannot represent non 32-bit/],
  [add('name: "J", position: "M", salary: 1e400'), 'input.salary', /^Int cannot represent/],
  [add('name: "J", position: "M", salary: "1"'), 'input.salary', /^Int cannot represent/],
  [add('name: "J", position: "M"'), 'input', /salary.*required/],
  [
    `mutation { addEmployees(input: {employees: [{${john}}, {${john}}, {${john}}, {name: "J", position: "M", salary: -1}]}) { employees { id } } }`,
    'input.employees[3].salary',
    /from 0 to/,
  ],
  [
    `mutation { addEmployees(input: {employees: [{${john}}, {name: "J", position: "M", salary: 0.5}]}) { employees { id } } }`,
    'input.employees[1].salary',
    /^Int cannot/,
  ],
  ['mutation { addEmployees(input: {employees: []}) { employees { id } } }', 'input.employees', /1 to 100/],
  // Keys
  [add(`${john}, idempotencyKey: ""`), 'input.idempotencyKey', /1 to 128/],
  [add(`${john}, idempotencyKey: "a b"`), 'input.idempotencyKey', /visible ASCII/],
  // Pages
  [page('first: 0'), 'first', /from 1 to 200/],
  [page('first: -1'), 'first', /from 1 to 200/],
  [page('first: 1000000000'), 'first', /from 1 to 200/],
  [page('first: 10000000000'), 'first', /^Int cannot represent/],
  [page('last: 0'), 'last', /from 1 to 200/],
  [page('first: 1, last: 1'), 'last', /not be given together with first/],
  [page('after: "garbage"'), 'after', /cursor/],
  [page('last: 1, before: "garbage"'), 'before', /cursor/],
  [page('orderBy: { field: AGE }'), 'orderBy.field', /EmployeeOrderField/],
  [page('filter: { salary: { in: [1, 2.5] } }'), 'filter.salary.in[1]', /^Int cannot represent/],
  [page(`filter: { name: { in: [${'"x",'.repeat(101)}] } }`), 'filter.name.in', /100 values at most/],
  ['{ leadershipHistory(last: 0) { term } }', 'last', /from 1 to 1000/],
  // Nodes
  [
    '{ employee(id: 1, read: { node: "instance009" }) { id } }',
    'read.node',
    /instance001, instance002, instance003/,
  ],
  [
    'mutation { transferLeadership(to: "instance009") { term } }',
    'to',
    /instance001, instance002, instance003/,
  ],
  [page('read: { node: "" }'), 'read.node', /instance001, instance002, instance003/],
  [page('read: { node: "instance001", consistency: LINEARIZABLE }'), 'read.node', /LINEARIZABLE/],
  // Bookmarks
  [page('read: { bookmark: "garbage" }'), 'read.bookmark', /bookmark from the answer/],
  [
    '{ employee(id: 1, read: { consistency: REPLICA, bookmark: "" }) { id } }',
    'read.bookmark',
    /bookmark from the answer/,
  ],
])('%s', async (query, field, reason) => {
  await expectBadInput(query, undefined, { field, reason });
});

test('a cursor from another order', async () => {
  await expectBadInput(page(`after: "${cursors['byName']}"`), undefined, {
    field: 'after',
    reason: /same order/,
  });
});

test('a cursor from another filter', async () => {
  await expectBadInput(page(`after: "${cursors['managers']}"`), undefined, {
    field: 'after',
    reason: /same filter/,
  });
  await expectBadInput(
    page(`last: 5, before: "${cursors['byId']}", filter: { name: { eq: "x" } }`),
    undefined,
    {
      field: 'before',
      reason: /same filter/,
    },
  );
});

const addWithVariable =
  'mutation ($data: AddEmployeeInput!) { addEmployee(input: $data) { employee { id } } }';
const salaryVariable =
  'mutation ($n: Int!) { addEmployees(input: {employees: [{name: "J", position: "M", salary: $n}]}) { employees { id } } }';
const valid = { name: 'John', position: 'Manager', salary: 1 };

test.each<[string, string, object, string, RegExp]>([
  [
    'a fractional salary',
    addWithVariable,
    { data: { ...valid, salary: 1.5 } },
    'input.salary',
    /^Int cannot/,
  ],
  [
    'a salary too large',
    addWithVariable,
    { data: { ...valid, salary: 1e12 } },
    'input.salary',
    /^Int cannot/,
  ],
  ['a negative salary', addWithVariable, { data: { ...valid, salary: -1 } }, 'input.salary', /from 0 to/],
  [
    'half a character',
    addWithVariable,
    { data: { ...valid, name: 'a\ud800' } },
    'input.name',
    /control characters/,
  ],
  ['a field too many', addWithVariable, { data: { ...valid, age: 7 } }, 'input', /"age" is not defined/],
  ['a field too few', addWithVariable, { data: { name: 'J', salary: 1 } }, 'input', /"position".*required/],
  ['nothing', addWithVariable, {}, 'input', /"AddEmployeeInput!" was not provided/],
  ['a null', addWithVariable, { data: null }, 'input', /must not be null/],
  ['a variable deep inside', salaryVariable, { n: 0.5 }, 'input.employees[0].salary', /^Int cannot/],
  [
    'a null where a default stood',
    'query ($id: ID = 1) { employee(id: $id) { id } }',
    { id: null },
    'id',
    /must not be null/,
  ],
])('a variable with %s', async (_name, query, variables, field, reason) => {
  await expectBadInput(query, variables, { field, reason });
});

test('a header that is no key', async () => {
  const { body } = await gateway.post(add(john), {}, { 'idempotency-key': 'x'.repeat(129) });
  expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'Idempotency-Key' });
  expect(gateway.replicaSet.calls).toEqual([]);
});

test('every bad variable is named, each by its own path', async () => {
  const { body } = await gateway.post(
    'mutation ($input: AddEmployeesInput!) { addEmployees(input: $input) { employees { id } } }',
    { input: { employees: [valid, { ...valid, name: 7 }, { ...valid, salary: 0.5 }] } },
  );
  expect(body.errors?.map(({ extensions }) => extensions['field'])).toEqual([
    'input.employees[1].name',
    'input.employees[2].salary',
  ]);
});

async function expectBadInput(
  query: string,
  variables: object | undefined,
  { field, reason }: { field: string; reason: RegExp },
): Promise<void> {
  const { body } = await gateway.post(query, variables);
  expect(body.errors).toHaveLength(1);
  expect(body.errors?.[0]?.extensions).toEqual({
    code: 'BAD_USER_INPUT',
    field,
    reason: expect.stringMatching(reason),
  });
  expect(gateway.replicaSet.calls).toEqual([]);
  expect(gateway.logged()).not.toContain('"level":50');
}
