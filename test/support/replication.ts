import { expect } from 'vitest';
import { parseRows } from '../../src/employees/employee-rows.js';
import type { Employee } from '../../src/employees/employee.type.js';
import type { TestCluster } from './cluster.js';
import type { Ledger } from './ledger.js';
import { waitFor } from './wait-for.js';

/** What a rejoined node needs at worst: several rounds of the nodes' own retries. */
const timeoutMs = 30_000;

/** Resolves when every node receives from every other and sends to it. */
export async function waitForEveryLink(cluster: TestCluster): Promise<void> {
  await waitFor(
    'every link follows',
    async () => {
      const words = await Promise.all(cluster.names.map((name) => cluster.status(name)));
      const links = words.flatMap(({ replication }) => replication);
      return links.every(({ upstream, downstream }) =>
        [upstream, downstream].every((stream) => stream?.status === 'follow'),
      );
    },
    { timeoutMs },
  );
}

/** Resolves when all nodes hold the same rows, byte for byte. Nobody may be writing. */
export async function waitForSameData(cluster: TestCluster): Promise<void> {
  await waitFor(
    'all nodes hold the same rows',
    async () => {
      const digests = await Promise.all(cluster.names.map((name) => cluster.evaluate(name, digestOfRows)));
      return new Set(digests).size === 1;
    },
    { timeoutMs },
  );
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
  await waitForEveryLink(cluster);
  await waitForSameData(cluster);
  for (const name of cluster.names) {
    const contradictions = ledger.contradictions(await employeesOn(cluster, name));
    expect({ name, contradictions }).toEqual({ name, contradictions: [] });
  }
}
