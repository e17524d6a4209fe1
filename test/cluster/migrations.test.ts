import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownApplication } from '../../src/local/node-command.js';
import { packageRoot } from '../../src/package-root.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { useCluster } from '../support/cluster.js';
import { GatewayProcess } from '../support/gateway-process.js';
import { build } from '../support/launched.js';
import { waitForLinks, waitForReplication } from '../support/replication.js';
import { Writers } from '../support/writers.js';

/* A migration, in a later version of cluster/, while two gateways write that know nothing of it. */

const cluster = useCluster();
let gateways: GatewayProcess[] = [];

beforeAll(async () => {
  await build();
  const { path } = cluster().definition;
  gateways = await Promise.all([GatewayProcess.start(path), GatewayProcess.start(path)]);
});
afterAll(() => Promise.all(gateways.map((gateway) => gateway.end('SIGKILL'))));

/** The application with one migration more. Resolves to its folder. */
async function nextVersion(): Promise<string> {
  const folder = join(cluster().directory, 'next-version');
  await cp(ownApplication, folder, { recursive: true });
  const migration = join(packageRoot, 'test/support/migrations');
  await cp(migration, join(folder, 'employees/migrations'), { recursive: true });
  return folder;
}

/** What a node has: the version, the fields, the new index, and how many employees it leads to. */
const made = `
  local employees = box.space.employees
  local fields = {}
  for _, field in ipairs(employees:format()) do
      table.insert(fields, field.name)
  end
  local index = employees.index.department
  return {
      version = box.space._schema:get('employees_version')[2],
      fields = fields,
      indexed = index and index:count('None yet'),
      employees = employees:len(),
  }
`;

async function restart(name: string): Promise<void> {
  await cluster().kill(name, 'SIGTERM');
  await cluster().restart(name);
  await waitForLinks(cluster());
}

const versions = () =>
  Promise.all(cluster().names.map(async (name) => (await cluster().status(name)).schemaVersion));

test('a migration adds a field and an index while two gateways write, and old nodes may lead again after it', async () => {
  const writers = gateways.map(({ url }, index) => new Writers(`Of gateway ${index + 1}`, [url]));
  // More than a migration changes at a time.
  await Promise.all(writers.map((each) => each.waitForProgress(60)));
  const before = Number(Object(await cluster().evaluate(await cluster().waitForLeader(), made)).employees);
  expect(before).toBeGreaterThan(100);
  cluster().use(await nextVersion());
  const old = await cluster().waitForLeader();
  const [first = '', second = ''] = cluster().names.filter((name) => name !== old);
  await restart(first);
  expect(await versions()).toEqual([1, 1, 1]);
  await cluster().call(old, 'replicaset.transfer_leadership', { to: first, timeout: 5 });
  await waitFor('every node is of version 2', async () => (await versions()).every((each) => each === 2));
  await Promise.all(writers.map((each) => each.waitForProgress()));

  // Back to a node that has not been upgraded yet: it must leave what the newer version has made.
  await cluster().call(first, 'replicaset.transfer_leadership', { to: second, timeout: 5 });
  await Promise.all(writers.map((each) => each.waitForProgress()));
  await restart(second);
  await restart(old);
  await Promise.all(writers.map((each) => each.waitForProgress()));
  for (const each of writers) await each.stop();
  await waitForReplication(cluster());
  for (const name of cluster().names) {
    const found = Object(await cluster().evaluate(name, made));
    expect(found).toMatchObject({
      version: 2,
      fields: ['id', 'name', 'position', 'salary', 'department'],
    });
    expect(found.indexed).toBeGreaterThanOrEqual(before);
  }
  for (const each of writers) await each.expectAllThere(cluster().names, gateways[0]?.url ?? '');
});

test('a migration is run once, and a row that an old gateway changes keeps the new field', async () => {
  const leader = await cluster().waitForLeader();
  const setDepartment = `
    box.begin()
    box.space.employees:update(1, {{'=', 'department', 'Board'}})
    box.space.employees:update(2, {{'=', 'department', box.NULL}})
    require('replicaset.leadership').commit(5)
  `;
  await cluster().evaluate(leader, setDepartment);
  const answer = await fetch(`${gateways[0]?.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'mutation { updateEmployee(input: {id: 1, salary: 6000}) { employee { id salary } } }',
    }),
  });
  expect(await answer.json()).toEqual({
    data: { updateEmployee: { employee: { id: '1', salary: 6000 } } },
  });
  await cluster().kill(leader, 'SIGTERM');
  await cluster().restart(leader);
  const next = await cluster().waitForLeader();
  await waitForReplication(cluster());
  const departments = `
    local employees = box.space.employees
    return {employees:get(1).department, employees:get(2).department == nil and 'none'}
  `;
  expect(await cluster().evaluate(next, departments)).toEqual(['Board', 'none']);
});

test('a gateway that needs a later version than the nodes have says so, and when that is over', async () => {
  const leader = await cluster().waitForLeader();
  const [gateway] = gateways;
  await cluster().evaluate(leader, "box.space._schema:delete('employees_version')");
  await gateway?.waitForOutput(/The schema of the nodes has no version yet, and this gateway needs 1/);
  const [target = ''] = cluster().names.filter((name) => name !== leader);
  await waitForReplication(cluster());
  await cluster().call(leader, 'replicaset.transfer_leadership', { to: target, timeout: 5 });
  await gateway?.waitForOutput(/The schema of the nodes is of version [12] now: nothing is missing/);
});
