import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseLogin, readClusterConfig } from '../../../src/cluster-config/read.js';
import { ConfigError } from '../../../src/operator-error.js';
import { packageRoot } from '../../../src/package-root.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cluster-config-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function readText(text: string) {
  const path = join(directory, 'config.yaml');
  await writeFile(path, text);
  return readClusterConfig(path);
}

async function refusalOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) throw new Error('It was not refused', { cause: error });
  return error.message;
}

describe('reading a cluster configuration', () => {
  test('understands the one that is shipped', async () => {
    const path = join(packageRoot, 'cluster/instances.enabled/employees/config.yaml');
    const cluster = await readClusterConfig(path);
    expect(cluster.nodes.map(({ name, host, port }) => `${name} ${host}:${port}`)).toEqual([
      'instance001 127.0.0.1:3301',
      'instance002 127.0.0.1:3302',
      'instance003 127.0.0.1:3303',
    ]);
    expect(chooseLogin(cluster, { user: 'gateway', password: null }).user).toBe('gateway');
  });

  test('says what to set when the file is missing', async () => {
    expect(await refusalOf(readClusterConfig('/nowhere/config.yaml'))).toBe(
      'The cluster configuration /nowhere/config.yaml cannot be used: there is no such file: set CLUSTER_CONFIG to the path of a Tarantool 3 config.yaml',
    );
  });

  test('says so when the path is a folder', async () => {
    expect(await refusalOf(readClusterConfig(directory))).toContain('it is a folder, not a file');
  });

  test('points at the line that is not YAML, without quoting it', async () => {
    const message = await refusalOf(
      readText('credentials:\n  users:\n    a: {password: hidden\ngroups: [}\n'),
    );
    expect(message).toMatch(/it is not YAML: line \d+, column \d+: /);
    expect(message).not.toContain('hidden');
  });

  test('refuses an empty file', async () => {
    expect(await refusalOf(readText(''))).toContain('must have "groups" at its top level');
  });

  test('follows YAML anchors and merge keys', async () => {
    const cluster = await readText(`
defaults: &defaults { advertise: { client: '{{ instance_name }}.local:3301' } }
replication: { failover: election }
groups: { g: { replicasets: { r: { instances: { a: { iproto: { <<: *defaults } } } } } } }
`);
    expect(cluster.nodes[0]?.host).toBe('a.local');
  });
});

describe('the login', () => {
  const text = `
replication: { failover: election }
credentials:
  users:
    gateway: { password: secret }
    vault: { password: '{{ context.from_a_file }}' }
    guest: {}
groups: { g: { replicasets: { r: { instances: { a: { iproto: { listen: [{ uri: 'localhost:1' }] } } } } } } }
`;

  test('has the password of the configuration, unless another is given', async () => {
    const cluster = await readText(text);
    expect(chooseLogin(cluster, { user: 'gateway', password: null }).password).toBe('secret');
    expect(chooseLogin(cluster, { user: 'gateway', password: 'other' }).password).toBe('other');
  });

  test('may be of a user whom the file does not name, when a password is given', async () => {
    expect(chooseLogin(await readText(text), { user: 'elsewhere', password: 'x' }).user).toBe('elsewhere');
  });

  test('is refused for an unknown user, naming those that exist and no password', async () => {
    const cluster = await readText(text);
    expect(() => chooseLogin(cluster, { user: 'nobody', password: null })).toThrow(
      'it has no user "nobody" (credentials.users: gateway, vault, guest): add it there, or set TARANTOOL_USER and TARANTOOL_PASSWORD',
    );
  });

  test.each(['vault', 'guest'])('asks for a password that the file does not have: %s', async (user) => {
    const cluster = await readText(text);
    expect(() => chooseLogin(cluster, { user, password: null })).toThrow('set TARANTOOL_PASSWORD');
  });
});
