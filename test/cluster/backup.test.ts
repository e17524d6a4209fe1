import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { waitFor } from '../../src/trial/wait-for.js';
import { TestCluster, useCluster } from '../support/cluster.js';
import { type TestGateway, startGateway } from '../support/gateway.js';
import { employeesOn, waitForReplication } from '../support/replication.js';
import { Writers } from '../support/writers.js';

/* As docs/operations.md tells it: a backup of one node, while clients write, becomes a new cluster. */

const cluster = useCluster();
let restored: TestCluster | null = null;
let gateways: TestGateway[] = [];
afterAll(async () => {
  for (const gateway of gateways) await gateway.stop();
  await restored?.stop();
});

/** With a key that its client keeps, to repeat it later. */
async function hireOnce(gateway: TestGateway): Promise<unknown> {
  const input = { name: 'Hired once', position: 'Worker', salary: 1, idempotencyKey: 'kept-by-the-client' };
  return gateway.ask(
    'mutation ($input: AddEmployeeInput!) { addEmployee(input: $input) { employee { id } } }',
    {
      input,
    },
  );
}

let hired: unknown;

async function open(of: TestCluster): Promise<TestGateway> {
  const gateway = await startGateway(of);
  gateways.push(gateway);
  return gateway;
}

/** The file that a node gives for a backup. */
async function beginBackup(node: string): Promise<string> {
  const files = await cluster().evaluate(node, 'box.snapshot() return box.backup.start()');
  const [snapshot, ...others] = Array.isArray(files) ? files.map(String) : [];
  expect(others).toEqual([]);
  return snapshot ?? '';
}

test('a backup of a follower, taken under load, becomes a cluster with every employee that was there', async () => {
  const gateway = await open(cluster());
  hired = await hireOnce(gateway);
  const { url } = gateway;
  const writers = new Writers('Before and after', [url]);
  await writers.waitForProgress();
  const leader = await cluster().waitForLeader();
  const [source = '', ...others] = cluster().names.filter((name) => name !== leader);
  const before = writers.adds.filter(({ outcome }) => outcome.kind === 'ok').map(({ name }) => name);
  // Whatever was acknowledged is on a majority: this node may be the one that has it a moment later.
  await waitFor(`${source} has it`, async () => {
    const there = new Set((await employeesOn(cluster(), source)).map(({ name }) => name));
    return before.every((name) => there.has(name));
  });
  const snapshot = await beginBackup(source);
  await writers.waitForProgress();
  restored = await TestCluster.prepare();
  await copyFile(snapshot, join(restored.dataDirectory(source), basename(snapshot)));
  await cluster().evaluate(source, 'box.backup.stop()');
  await writers.stop();

  // It cannot have a majority of nodes that have nothing yet.
  restored.overrule(source, { TT_REPLICATION_SYNCHRO_QUORUM: '1' });
  await restored.restart(source);
  const alone = restored;
  await waitFor(`${source} leads`, async () => (await alone.status(source)).writable, { timeoutMs: 30_000 });
  const expected = await employeesOn(restored, source);
  await restored.restart(leader, ...others);
  await waitForReplication(restored);
  restored.overrule(source, {});
  await restored.kill(source, 'SIGTERM');
  await restored.restart(source);
  await waitForReplication(restored);

  for (const name of restored.names) expect(await employeesOn(restored, name)).toEqual(expected);
  const names = expected.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(before));
  expect(names.length).toBe(new Set(names).size);
  expect(names.length).toBeLessThan(writers.acknowledged);
});

test('it is a cluster as any other: it loses its leader and goes on, and remembers what was done before the backup', async () => {
  if (restored === null) throw new Error('Nothing was restored');
  const gateway = await open(restored);
  expect(await hireOnce(gateway)).toEqual(hired);
  const { url } = gateway;
  const writers = new Writers('After the restoration', [url]);
  await writers.waitForProgress();
  const leader = await restored.waitForLeader();
  await restored.kill(leader);
  await writers.waitForProgress();
  await restored.restart(leader);
  await writers.stop();
  await waitForReplication(restored);
  await writers.expectAllThere(restored.names, url);
});
