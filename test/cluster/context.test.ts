import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { writePrivateConfig } from '../../src/trial/private-config.js';
import { findTestTarantool } from '../support/tarantool.js';

/* On Tarantool 2.6 our Lua reads config.yaml: with what it takes from elsewhere, as Tarantool 3 does. */

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'context-'));
  path = join(directory, 'config.yaml');
});
afterEach(() => rm(directory, { recursive: true }));

const script = `
  package.path = '${packageRoot}cluster/instances.enabled/employees/?.lua;' .. package.path
  local done, loaded = pcall(require('tarantool2.config').load, arg[1], 'instance001')
  print(done and loaded.users.gateway.password .. ' ' .. loaded.password or loaded)
`;

/** What the passwords of the gateway and of replication are read as, or why they cannot be. */
async function passwords(
  context: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const adjust = (config: Record<string, unknown>): void => {
    config['config'] = { context };
    const { users } = Object(config['credentials']);
    users.gateway.password = '{{ context.gateway_password }}';
    users.replicator.password = 'before-{{context.replicator_password}}-after';
  };
  const addresses = { ports: new Map([['instance001', 3301]]) };
  await writePrivateConfig(path, { reader: null, addresses, adjust });
  const file = join(directory, 'script.lua');
  await writeFile(file, script);
  const { path: tarantool } = await findTestTarantool();
  const { stdout } = await promisify(execFile)(tarantool, [file, path], { env: environment });
  return stdout.trim();
}

/** Both passwords come from there. */
const both = (source: object) => ({ gateway_password: source, replicator_password: source });

test('passwords come from the environment and from files', async () => {
  const file = join(directory, 'password');
  await writeFile(file, '100%s of it\n');
  const context = {
    gateway_password: { from: 'file', file, rstrip: true },
    replicator_password: { from: 'env', env: 'REPLICATOR_PASSWORD' },
  };
  expect(await passwords(context, { REPLICATOR_PASSWORD: '%1' })).toBe('100%s of it before-%1-after');
});

test('what is missing is named, and no value is told', async () => {
  const environment = { from: 'env', env: 'NOBODY_SETS_THIS' };
  const file = { from: 'file', file: join(directory, 'nothing') };
  expect(await passwords(both(environment))).toMatch(
    /^There is no environment variable NOBODY_SETS_THIS, from which context\.\w+_password comes$/,
  );
  expect(await passwords(both(file))).toMatch(
    /^Cannot read .*nothing, from which context\.\w+ comes: .*No such file/,
  );
  expect(await passwords({})).toMatch(/^Nothing says where context\.\w+ comes from$/);
  expect(await passwords(both({ from: 'vault' }))).toMatch(
    /^context\.\w+ comes from vault: give env or file$/,
  );
});
