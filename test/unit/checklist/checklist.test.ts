import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatherFacts } from '../../../src/checklist/facts.js';
import { count, lookAt } from '../../../src/checklist/finding.js';
import { describeFindings, renderFindings, renderVerdict } from '../../../src/checklist/render.js';
import { settingsItems } from '../../../src/checklist/settings-items.js';
import { readConfiguration } from '../../../src/configuration.js';
import { packageRoot } from '../../../src/package-root.js';
import { plain } from '../../../src/terminal.js';

let directory: string;
let own: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'checklist-'));
  own = join(directory, 'config.yaml');
  const shipped = await readFile(
    join(packageRoot, 'cluster/instances.enabled/employees/config.yaml'),
    'utf8',
  );
  await writeFile(own, shipped.replaceAll(/password: '\w+'/g, "password: 'correct-horse'"), { mode: 0o600 });
});
afterEach(() => rm(directory, { recursive: true }));

type Environment = Readonly<Record<string, string>>;

const findingsOf = async (environment: Environment) =>
  lookAt(settingsItems, await gatherFacts(await readConfiguration(environment)));

/** What is not well, by item. */
async function complaints(environment: Environment): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const { item, level, text, mend } of await findingsOf(environment)) {
    if (level === 'ok') continue;
    const before = told[item] === undefined ? '' : `${told[item]}; `;
    told[item] = `${before}${level}: ${text}: ${mend}`;
  }
  return told;
}

const identity = {
  JWT_JWKS_URL: 'https://identity.example/keys',
  JWT_ISSUER: 'https://identity.example',
  JWT_AUDIENCE: 'employee-gateway',
  JWT_ROLE_PERMISSIONS: 'hr=employees:read,salaries:read;ops=cluster:steer',
};
const production = (): Environment => ({ HOST: '0.0.0.0', CLUSTER_CONFIG: own, ...identity });

async function fileOf(name: string, content: string, mode: number): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

describe('the checklist', () => {
  test('finds nothing in production as it should be', async () => {
    expect(await complaints(production())).toEqual({});
  });

  test('warns of the shipped passwords on this machine, and has nothing else against how it is shipped', async () => {
    expect(await complaints({})).toEqual({
      passwords: expect.stringMatching(
        /^warning: shipped password of admin, replicator, gateway, which nobody/,
      ),
    });
  });

  test.each<[string, Environment, string, RegExp]>([
    [
      'clients without tokens',
      { JWT_JWKS_URL: '', JWT_ISSUER: '', JWT_AUDIENCE: '', JWT_ROLE_PERMISSIONS: '' },
      'clients',
      /^problem: whoever reaches 0\.0\.0\.0 would be let in/,
    ],
    ['a user who may do anything', { TARANTOOL_USER: 'admin' }, 'user', /^problem: it logs in as admin/],
    [
      'a password in the environment',
      { TARANTOOL_PASSWORD: 'correct-horse' },
      'password-source',
      /^warning: TARANTOOL_PASSWORD is/,
    ],
    [
      'introspection for strangers',
      { INTROSPECTION: 'on' },
      'introspection',
      /^warning: .*unset INTROSPECTION/,
    ],
    ['pages for strangers', { PAGES: 'console' }, 'pages', /^warning: .* console: unset PAGES/],
    [
      'an origin that is not encrypted',
      { CORS_ORIGINS: 'https://a.example,http://b.example' },
      'origins',
      /^problem: .* http:\/\/b\.example: let CORS/,
    ],
    [
      'a role that may too much',
      { JWT_ROLE_PERMISSIONS: 'boss=salaries:read,cluster:steer' },
      'roles',
      /^warning: boss may .*employees:write for nobody/,
    ],
    ['no rate limit', { RATE_LIMIT: '0' }, 'rate', /^problem: one subject/],
    ['a rate limit that limits nobody', { RATE_LIMIT: '1001' }, 'rate', /^warning: 1001 operations/],
    ['no limit of connections', { MAX_CONNECTIONS_PER_SUBJECT: '0' }, 'connections', /^problem: one subject/],
    [
      'a limit of connections that limits nobody',
      { MAX_CONNECTIONS_PER_SUBJECT: '10001' },
      'connections',
      /^warning: 10001 connections/,
    ],
    [
      'limits that limit nothing',
      { MAX_DEPTH: '51', MAX_COST: '200001' },
      'limits',
      /^warning: MAX_DEPTH is 51, .*; warning: MAX_COST is 200001, .*: lower it to 200000/,
    ],
  ])('tells of %s', async (_, setting, id, told) => {
    expect(await complaints({ ...production(), ...setting })).toEqual({ [id]: expect.stringMatching(told) });
  });

  test('tells of everybody being served, on this machine as well: any page could ask', async () => {
    const dangerous = { CLUSTER_CONFIG: own, DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY: 'yes' };
    expect(await complaints(dangerous)).toEqual({
      clients: expect.stringMatching(
        /^problem: DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY lets everybody in/,
      ),
    });
  });

  test('takes http between the origins and the keys of this machine', async () => {
    const local = { CORS_ORIGINS: 'http://localhost:5173', JWT_JWKS_URL: 'http://127.0.0.1:8080/keys' };
    expect(await complaints({ ...production(), ...local })).toEqual({});
  });

  test('tells of shipped passwords when a node can be reached, though the gateway cannot', async () => {
    const shipped = await readFile(
      join(packageRoot, 'cluster/instances.enabled/employees/config.yaml'),
      'utf8',
    );
    const CLUSTER_CONFIG = await fileOf('open.yaml', shipped.replaceAll('127.0.0.1', '10.0.0.7'), 0o600);
    expect(await complaints({ CLUSTER_CONFIG })).toEqual({
      passwords: expect.stringMatching(/^problem: shipped password of admin, .*10\.0\.0\.7 can be reached/),
    });
  });

  test('tells of files that every user of the machine can read or write', async () => {
    const TARANTOOL_PASSWORD_FILE = await fileOf('password', 'correct-horse', 0o644);
    await chmod(own, 0o646);
    expect(await complaints({ ...production(), TARANTOOL_PASSWORD_FILE })).toEqual({
      files: `problem: TARANTOOL_PASSWORD_FILE ${TARANTOOL_PASSWORD_FILE} can be read by every user: chmod o-r; problem: CLUSTER_CONFIG ${own} can be written by every user: chmod o-w`,
    });
    await chmod(TARANTOOL_PASSWORD_FILE, 0o640);
    await chmod(own, 0o640);
    expect(await complaints({ ...production(), TARANTOOL_PASSWORD_FILE })).toEqual({});
  });

  test('tells of a secret that signs tokens, and of who can read it', async () => {
    const jwk = JSON.stringify({ kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url') });
    const JWT_KEY_FILE = await fileOf('key.json', jwk, 0o644);
    const secret = { JWT_JWKS_URL: '', JWT_KEY_FILE, JWT_ALGORITHMS: 'HS256,ES256' };
    expect(await complaints({ ...production(), ...secret })).toEqual({
      files: `problem: JWT_KEY_FILE ${JWT_KEY_FILE} can be read by every user: chmod o-r`,
      algorithms: expect.stringMatching(/^warning: whoever has the secret .* HS256: take a key pair/),
    });
  });

  test('tells of documents that nobody has listed, and of a manifest that everybody can write', async () => {
    const TRUSTED_DOCUMENTS_MANIFEST = await fileOf('manifest.json', '{"a":"{ __typename }"}', 0o646);
    const trusted = { ...production(), TRUSTED_DOCUMENTS_MANIFEST };
    expect(await complaints(trusted)).toEqual({});
    expect(await complaints({ ...trusted, TRUSTED_DOCUMENTS: 'log' })).toEqual({
      documents: expect.stringMatching(/^warning: 1 of .*manifest\.json, and others, of which the log tells/),
      files: expect.stringMatching(/^problem: TRUSTED_DOCUMENTS_MANIFEST .* can be written by every user/),
    });
    await chmod(TRUSTED_DOCUMENTS_MANIFEST, 0o644);
    expect(await complaints({ ...trusted, TRUSTED_DOCUMENTS: 'enforce' })).toEqual({});
  });

  test('prints a line for each item, what is left to the operator, and a verdict', async () => {
    const findings = await findingsOf({ ...production(), RATE_LIMIT: '0', PAGES: 'on' });
    const lines = renderFindings(findings, plain).split('\n');
    const ids = lines.map((line) => line.slice(9).split(' ')[0]);
    expect(ids).toEqual([...Object.keys(settingsItems), 'operator']);
    expect(new Set(lines.map((line) => line.search(/(?<=^\w+ +\S+ +)\S/)))).toHaveLength(1);
    expect(renderVerdict(findings, plain)).toBe('Not as it should be: 1 problem, 1 warning');
    expect(count(findings, 'problem')).toBe(1);
    expect(describeFindings(findings)).toMatchObject({ well: false, problems: 1, warnings: 1 });
    const painted = renderFindings(findings, (style, text) => `<${style}>${text}</>`);
    expect(painted).toContain('<red>problem</>  rate ');
    expect(painted.replaceAll(/<.*?>/g, '')).toBe(lines.join('\n'));
  });
});

test('docs/security.md has the checklist as it is', async () => {
  const text = await readFile(join(packageRoot, 'docs/security.md'), 'utf8');
  const section = /^## Checklist$[^]*?(?=^## )/m.exec(text)?.[0] ?? '';
  const rows = section.matchAll(/^\| `(?<id>[a-z-]+)` *\| (?<rule>[^|]*?) *\|$/gm);
  expect([...rows].map(({ groups }) => [groups?.['id'], groups?.['rule']])).toEqual(
    Object.entries(settingsItems).map(([id, { rule }]) => [id, rule]),
  );
});
