import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { type TestGateway, startGateway } from '../support/gateway.js';
import { waitForReplication } from '../support/replication.js';

const cluster = useCluster();
let gateway: TestGateway;
let leader: string;

beforeAll(async () => {
  await waitForReplication(cluster());
  leader = await cluster().waitForLeader();
  gateway = await startGateway(cluster());
});
afterAll(() => gateway.stop());

/** Text that would be more than text if anybody took it for code, a pattern, a format or a key. */
const names: readonly string[] = [
  `'); box.error(); --`,
  `"); os.exit(1) --`,
  `]] .. os.execute('true') .. [[`,
  `' OR '1'='1`,
  `"; DROP TABLE "employees"; --`,
  `$(reboot)`,
  '`reboot`',
  '%s%n%d%99999999s',
  '%a+',
  '.*',
  '^$()%.[]*+-?',
  '[a',
  '{{ context.secret }}',
  '__proto__',
  'constructor',
  'toString',
  'nil',
  'null',
  '\\0\\x00\\u0000',
  'NaN',
  '-0',
  '𝔸\u{10ffff}\u{fffd}',
  'a\u0301\u202e\u200b',
];

const add = `mutation ($name: String!, $position: String!) {
  addEmployee(input: {name: $name, position: $position, salary: 1}) { employee { id name position } }
}`;
const update = `mutation ($id: ID!, $name: String!) {
  updateEmployee(input: {id: $id, name: $name, expected: {name: $name}}) { employee { name } }
}`;
const find = `query ($filter: EmployeeFilter) {
  employees(filter: $filter, orderBy: {field: NAME}) { totalCount nodes { id name } }
}`;

describe('Text goes to the database as data', () => {
  test.each(names)('%j is a name like any other', async (name) => {
    const { addEmployee } = Object(await gateway.ask(add, { name, position: name }));
    const { id } = addEmployee.employee;
    expect(addEmployee.employee).toEqual({ id, name, position: name });
    expect(await gateway.ask(update, { id, name })).toEqual({ updateEmployee: { employee: { name } } });
    for (const text of [{ eq: name }, { in: [name] }, { startsWith: name }, { contains: name }]) {
      const { employees } = Object(await gateway.ask(find, { filter: { name: text, position: text } }));
      expect({ text, ...employees }).toEqual({ text, totalCount: 1, nodes: [{ id, name }] });
    }
  });

  test('a text that nobody can have finds nobody, or is refused', async () => {
    for (const text of ['\0', 'x\0y', "'); box.error(); \0"]) {
      for (const condition of [{ eq: text }, { in: [text] }, { startsWith: text }, { contains: text }]) {
        expect(await gateway.ask(find, { filter: { name: condition } })).toEqual({
          employees: { totalCount: 0, nodes: [] },
        });
      }
    }
    for (const text of ['\ud800', '\udfff\ud800']) {
      for (const condition of [{ eq: text }, { in: [text] }, { startsWith: text }, { contains: text }]) {
        await expect(gateway.ask(find, { filter: { name: condition } })).rejects.toMatchObject({
          codes: ['BAD_USER_INPUT'],
        });
      }
    }
    for (const name of ['\0', 'x\0y', '\ud800', '\udfff\ud800', 'x'.repeat(50_000)]) {
      await expect(gateway.ask(add, { name, position: 'x' })).rejects.toMatchObject({
        codes: ['BAD_USER_INPUT'],
      });
    }
  });

  test('past the gateway, too: a node takes names of 1 MB, keys and patterns for what they are', async () => {
    const ask = (filter: unknown) => cluster().call(leader, 'employees.count', { filter });
    for (const text of ['x'.repeat(1_000_000), '%', '\0', '\ud800']) {
      expect(await ask({ name: { eq: text } })).toMatchObject({ count: 0 });
      expect(await ask({ position: { starts_with: text } })).toMatchObject({ status: 'ok' });
    }
    for (const filter of [{ 'os.exit': { eq: 1 } }, { name: { 'box.error': 1 } }, { ['__index']: {} }]) {
      await expect(ask(filter)).rejects.toMatchObject({ code: 'NODE_FAILURE' });
    }
    await expect(
      cluster().call(leader, 'employees.page', { order: '__index', descending: false, limit: 1, filter: {} }),
    ).rejects.toMatchObject({ code: 'NODE_FAILURE' });
  });

  test('all of this on one leader, which leads the same term', async () => {
    expect(await cluster().waitForLeader()).toBe(leader);
    expect(await cluster().call(leader, 'employees.count', { filter: {} })).toMatchObject({
      count: 2 + names.length,
    });
  });
});
