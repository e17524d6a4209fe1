import { expect } from 'vitest';
import { parseRows } from '../../src/employees/employee-rows.js';
import type { Employee } from '../../src/employees/employee.type.js';
import type { TestCluster } from './cluster.js';
import type { Ledger } from './ledger.js';
import { waitFor } from '../../src/trial/wait-for.js';

/** What a rejoined node needs at worst: several rounds of the nodes' own retries. */
const timeoutMs = 30_000;

/** Resolves when each node receives from each other; others may be writing. */
export async function waitForLinks(cluster: TestCluster): Promise<void> {
  await waitFor('every link follows', () => isEveryLinkGood(cluster), { timeoutMs });
}

/** Resolves when each node receives from each other, and all hold the same rows, byte for byte. Nobody may be writing. */
export async function waitForReplication(cluster: TestCluster): Promise<void> {
  await waitForLinks(cluster);
  await waitFor('all nodes hold the same rows', () => areAllEqual(cluster), { timeoutMs });
}

async function isEveryLinkGood(cluster: TestCluster): Promise<boolean> {
  const words = await Promise.all(cluster.names.map((name) => cluster.status(name)));
  const streams = words.flatMap(({ replication }) =>
    replication.flatMap(({ upstream, downstream }) => [upstream, downstream]),
  );
  return streams.every((stream) => stream?.status === 'follow');
}

async function areAllEqual(cluster: TestCluster): Promise<boolean> {
  const digests = await Promise.all(cluster.names.map((name) => cluster.evaluate(name, digestOfRows)));
  return new Set(digests).size === 1;
}

const digestOfRows = `
  local rows = {}
  for _, name in ipairs({'employees', 'requests'}) do
      for _, row in box.space[name]:pairs() do
          table.insert(rows, require('msgpack').encode(row))
      end
  end
  return require('digest').md5_hex(table.concat(rows))
`;

/** What a node has, committed or not: asked of the space itself. */
export async function employeesOn(cluster: TestCluster, name: string): Promise<readonly Employee[]> {
  const rows = await cluster.evaluate(name, 'return box.space.employees:select()');
  return parseRows({ status: 'ok', rows });
}

/** Every node is in its place, all hold the same, and that is what the clients were told. The load must have stopped. */
export async function expectNothingLost(cluster: TestCluster, ledger: Ledger): Promise<void> {
  await waitForReplication(cluster);
  for (const name of cluster.names) {
    const contradictions = ledger.contradictions(await employeesOn(cluster, name));
    expect({ name, contradictions }).toEqual({ name, contradictions: [] });
  }
}
