import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readClusterConfig } from '../../../src/cluster-config/read.js';
import { packageRoot } from '../../../src/package-root.js';
import { deployed, readDeployed } from '../../support/deploy.js';

/* The configurations of the replica set for several hosts are copies of the shipped one: what differs is meant to. */

const configuration = z.looseObject({
  credentials: z.looseObject({ users: z.record(z.string(), z.looseObject({ password: z.string() })) }),
  iproto: z.looseObject({ advertise: z.unknown(), listen: z.unknown().optional() }),
});

/** What must be the same everywhere: all but names, addresses and passwords. */
function common(text: string): unknown {
  const { config: _context, groups: _names, credentials, iproto, ...rest } = configuration.parse(parse(text));
  const users = Object.entries(credentials.users).map(([name, { password: _secret, ...user }]) => [
    name,
    user,
  ]);
  const { advertise: _advertise, listen: _listen, ...others } = iproto;
  return { ...rest, credentials: { ...credentials, users: Object.fromEntries(users) }, iproto: others };
}

const shipped = join(packageRoot, 'cluster/instances.enabled/employees/config.yaml');

describe.each([
  ['config.yaml', (name: string) => name, ['instance001', 'instance002', 'instance003']],
  ['kubernetes/config.yaml', (name: string) => `${name}.nodes`, ['instance-0', 'instance-1', 'instance-2']],
])('deploy/%s', (path, hostOf, names) => {
  test('is the shipped configuration but for names, addresses and passwords', async () => {
    expect(common(await readDeployed(path))).toEqual(common(await readFile(shipped, 'utf8')));
  });

  test('gives each node the address of a host of its own, and leaves the passwords to the environment', async () => {
    const { nodes, users } = await readClusterConfig(deployed(path));
    expect(nodes.map(({ name, host, port }) => ({ name, host, port }))).toEqual(
      names.map((name) => ({ name, host: hostOf(name), port: 3301 })),
    );
    expect([...users]).toEqual([
      ['admin', null],
      ['replicator', null],
      ['gateway', null],
    ]);
  });

  test('takes each password from the variable that is named after its user', async () => {
    const text = await readDeployed(path);
    for (const user of ['admin', 'replicator', 'gateway']) {
      const variable = `${user.toUpperCase()}_PASSWORD`;
      expect(parse(text)).toMatchObject({
        config: { context: { [`${user}_password`]: { from: 'env', env: variable } } },
        credentials: { users: { [user]: { password: `{{ context.${user}_password }}` } } },
      });
    }
  });
});
