import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/cluster-config/address.js';
import { packageRoot } from '../../src/package-root.js';
import { parseSettings } from '../../src/settings.js';
import { variableOf } from '../support/deploy.js';

type Value = string | number | readonly string[] | ReadonlyMap<string, unknown> | Address | null;

/** As it is written in the environment; null for what is not set unless somebody sets it. */
function asText(value: Value): string | null {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.replace(packageRoot, '');
  return Array.isArray(value) && value.length > 0 ? value.join(',') : null;
}

/** Each setting that an environment leads to, by its name in the code. */
const settingsOf = (environment: Record<string, string>): Map<string, Value> =>
  new Map(Object.entries<Value>({ ...parseSettings(environment, { cwd: packageRoot, packageRoot }) }));

/** The rows of the table in README.md: each variable, and its default, null when that is told in words. */
async function documentedDefaults(): Promise<Record<string, string | null>> {
  const text = await readFile(join(packageRoot, 'README.md'), 'utf8');
  const table = /^## Settings$[^]*?(?=^## )/m.exec(text)?.[0] ?? '';
  const rows = table.matchAll(/^\| `(?<name>[A-Z_]+)` *\| (?<value>[^|]*?) *\|/gm);
  return Object.fromEntries(
    [...rows].map(({ groups }) => [
      groups?.['name'],
      /^`([^`]+)`$/.exec(groups?.['value'] ?? '')?.[1] ?? null,
    ]),
  );
}

const settings = [...settingsOf({})];

const identity = {
  JWT_JWKS_URL: 'https://identity.example/keys',
  JWT_ISSUER: 'https://identity.example',
  JWT_AUDIENCE: 'employee-gateway',
  JWT_ROLE_PERMISSIONS: 'hr=salaries:read',
};

/** Where 5000 would not do. */
const unusual: Readonly<Record<string, string>> = {
  logLevel: 'debug',
  corsOrigins: 'https://staff.example',
  introspection: 'on',
  pages: 'console',
  trustedDocuments: 'log',
  dangerouslyServeEverybodyWithoutIdentity: 'yes',
  maxWaitingBytes: '500000',
  maxDepth: '10',
  workers: '2',
  metricsAddress: '127.0.0.1:9464',
  otelExporterOtlpEndpoint: 'http://127.0.0.1:4318',
  otelExporterOtlpTracesEndpoint: 'http://127.0.0.1:4318/v1/traces',
  jwtJwksUrl: 'https://elsewhere.example/keys',
  jwtAlgorithms: 'ES512',
  jwtClockToleranceMs: '1000',
  jwtRolePermissions: 'ops=cluster:steer',
};

describe('the table of settings in README.md', () => {
  test('has every setting with its default, and invents none', async () => {
    const defaults = settings.map(([setting, value]) => [variableOf(setting), asText(value)]);
    expect(await documentedDefaults()).toEqual(Object.fromEntries(defaults));
  });

  test.each(settings)('names the variable from which %s comes', (setting, value) => {
    const variable = variableOf(setting);
    // Identity is all or nothing, and its keys come from one place.
    const { JWT_JWKS_URL: url, ...rest } = identity;
    const others = variable === 'JWT_KEY_FILE' ? rest : { JWT_JWKS_URL: url, ...rest };
    const environment = variable.startsWith('JWT_') ? others : {};
    const given = settingsOf({ ...environment, [variable]: unusual[setting] ?? '5000' });
    expect(given.get(setting)).not.toEqual(value);
  });
});
