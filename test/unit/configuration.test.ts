import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfiguration } from '../../src/configuration.js';
import { packageRoot } from '../../src/package-root.js';

let directory: string;
let CLUSTER_CONFIG: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'configuration-'));
  CLUSTER_CONFIG = join(directory, 'config.yaml');
  const shipped = join(packageRoot, 'cluster/instances.enabled/employees/config.yaml');
  const outcomes = "roles_cfg: {'roles.employees': {keep_outcomes_for: 60}}\n";
  await writeFile(CLUSTER_CONFIG, (await readFile(shipped, 'utf8')) + outcomes);
});
afterEach(() => rm(directory, { recursive: true }));

describe('settings and cluster configuration together', () => {
  test('are fine as shipped', async () => {
    expect((await readConfiguration({})).warnings).toEqual([]);
  });

  test('are refused when a write may be repeated after the nodes have forgotten it', async () => {
    await expect(readConfiguration({ CLUSTER_CONFIG, REQUEST_TIMEOUT_MS: '60000' })).resolves.toBeDefined();
    const refused = readConfiguration({ CLUSTER_CONFIG, REQUEST_TIMEOUT_MS: '60001' });
    await expect(refused).rejects.toThrow(
      `The settings contradict each other: REQUEST_TIMEOUT_MS is 60001, but the nodes keep the outcomes of writes for 60000 ms only: lower it, or raise keep_outcomes_for (seconds) under roles_cfg["roles.employees"] in ${CLUSTER_CONFIG}`,
    );
  });

  test('warn of requests that cannot outlast a failover', async () => {
    const { warnings } = await readConfiguration({ REQUEST_TIMEOUT_MS: '2099' });
    expect(warnings).toEqual([
      'REQUEST_TIMEOUT_MS is 2099, and a failover may take 2100 ms when a leader freezes: some requests will fail then',
    ]);
    expect((await readConfiguration({ REQUEST_TIMEOUT_MS: '2100' })).warnings).toEqual([]);
  });
});
