import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { writePrivateConfig } from '../../../src/trial/private-config.js';
import { findFreePorts } from '../../../src/trial/free-ports.js';
import { Launched } from '../../support/launched.js';
import { PackedGateway } from '../../support/packed.js';

/* The package as it is handed out, without anything that only development needs. */

let packed: PackedGateway;
beforeAll(async () => {
  packed = await PackedGateway.make();
});
afterAll(() => packed.remove());

test('The package holds the program, its pages and the cluster, and no sources, tests or trials', () => {
  expect(packed.files).toEqual(
    expect.arrayContaining([
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'schema.graphql',
      'npm-shrinkwrap.json',
      'cluster/instances.enabled/employees/config.yaml',
      'cluster/instances.enabled/employees/roles/employees.lua',
      'dist/bundled/main.js',
      'dist/pages/console/index.html',
      'dist/pages/graphiql/index.html',
    ]),
  );
  const unwanted = /^(?:src|test|web|docs|examples)\/|^dist\/(?!bundled\/|pages\/)|\.ts$/;
  expect(packed.files.filter((file) => unwanted.test(file))).toEqual([]);
});

test('Its lock is the one that the tests ran with', async () => {
  expect(await packed.read('npm-shrinkwrap.json')).toBe(
    await readFile(join(packageRoot, 'package-lock.json'), 'utf8'),
  );
});

test('Stacks out of the bundle can name the lines of its sources', async () => {
  const { sources }: { readonly sources: readonly string[] } = JSON.parse(
    await packed.read('dist/bundled/main.js.map'),
  );
  expect(sources).toContain('../../src/http/server.ts');
});

test('npx employee-gateway --help tells what can be asked of it', async () => {
  const help = await packed.npx('--help');
  for (const command of ['serve', 'check', 'topology', 'schema'])
    expect(help).toMatch(new RegExp(`^  ${command} +\\w`, 'm'));
});

test('employee-gateway schema prints the schema that is committed', async () => {
  expect(await packed.run('schema')).toBe(await packed.read('schema.graphql'));
});

test('employee-gateway serve answers without its development dependencies, and ends with code 0', async () => {
  const config = join(packed.directory, 'config.yaml');
  const ports = await findFreePorts(3);
  const addresses = { ports: new Map(ports.map((port, index) => [`instance00${index + 1}`, port])) };
  await writePrivateConfig(config, { reader: null, addresses, adjust: undefined });
  const gateway = new Launched([process.execPath, packed.program, 'serve'], {
    CLUSTER_CONFIG: config,
    PORT: '0',
  });
  const [, url = ''] = await gateway.waitForOutput(/Listening on (http:.+)\/graphql/);
  const statusOf = async (path: string) =>
    (await fetch(`${url}${path}`, { headers: { connection: 'close' } })).status;
  expect(await statusOf('/livez')).toBe(200);
  expect(await statusOf('/readyz')).toBe(503);
  expect(await statusOf('/')).toBe(200);
  gateway.signal('SIGTERM');
  expect(await gateway.exit()).toBe(0);
});
