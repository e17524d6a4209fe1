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

/** The configuration when the password stands in a file with this content. */
async function inFile(content: string) {
  const TARANTOOL_PASSWORD_FILE = join(directory, 'password');
  await writeFile(TARANTOOL_PASSWORD_FILE, content);
  return readConfiguration({ TARANTOOL_PASSWORD_FILE });
}

describe('the password in a file', () => {
  test.each([
    ['secret', 'secret'],
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    [' with blanks \n', ' with blanks '],
  ])('%j is %j: it ends before the end of the line', async (content, password) => {
    expect((await inFile(content)).login).toEqual({ user: 'gateway', password });
  });

  test.each([
    ['is empty', '\n'],
    ['has more than one line', 'secret\nsecret\n'],
    ['has more than 1024 bytes', 'secret'.repeat(200)],
  ])('is refused when it %s, and nothing of it is told', async (problem, content) => {
    const refusal: unknown = await inFile(content).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'ConfigError', message: expect.stringContaining(problem) });
    expect(String(refusal)).not.toContain('secret');
  });

  test('is refused when there is no such file', async () => {
    const TARANTOOL_PASSWORD_FILE = join(directory, 'nowhere');
    await expect(readConfiguration({ TARANTOOL_PASSWORD_FILE })).rejects.toThrow(
      `The password file ${TARANTOOL_PASSWORD_FILE} cannot be used: it cannot be read (ENOENT)`,
    );
  });
});
