import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shippedLogins } from '../../src/cluster-config/shipped-logins.js';
import { readClusterConfig } from '../../src/cluster-config/read.js';
import { checkEntrance, exposureOf } from '../../src/entrance.js';
import { OperatorError } from '../../src/operator-error.js';
import { packageRoot } from '../../src/package-root.js';
import { parseSettings } from '../../src/settings.js';

const shipped = join(packageRoot, 'cluster/instances.enabled/employees/config.yaml');

const identity = {
  JWT_JWKS_URL: 'https://identity.example/keys',
  JWT_ISSUER: 'https://identity.example',
  JWT_AUDIENCE: 'employee-gateway',
  JWT_ROLE_PERMISSIONS: 'hr=salaries:read',
};
const dangerous = { DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY: 'yes' };

interface Passwords {
  /** Of the users of the nodes, as the gateway knows them. */
  readonly users?: ReadonlyMap<string, string | null>;
  /** With which the gateway logs in. */
  readonly password?: string;
}

const ownUsers: ReadonlyMap<string, string | null> = new Map([
  ['admin', null],
  ['gateway', 'correct-horse'],
]);

/** The warnings, or the problems of the refusal. */
async function lookAt(
  environment: Readonly<Record<string, string>>,
  { users = ownUsers, password = 'correct-horse' }: Passwords = {},
): Promise<{ readonly warnings: readonly string[] } | { readonly problems: readonly string[] }> {
  const settings = parseSettings(environment, { cwd: packageRoot, packageRoot });
  const cluster = { ...(await readClusterConfig(shipped)), users };
  const login = { user: 'gateway', password };
  try {
    return { warnings: checkEntrance({ settings, cluster, login, trustedManifest: null, warnings: [] }) };
  } catch (error) {
    if (error instanceof OperatorError) return { problems: error.problems };
    throw error;
  }
}

const fine = { warnings: [] };
const strangers = {
  problems: [expect.stringMatching(/^it would serve everybody who can reach it: set JWT_JWKS_URL/)],
};

describe('a gateway', () => {
  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]'])(
    'serves this machine without further ado: %s',
    async (HOST) => {
      const users = shippedLogins;
      expect(await lookAt({ HOST }, { users, password: 'gateway' })).toEqual(fine);
    },
  );

  test.each(['0.0.0.0', '::', '192.168.0.7', 'gateway.example', 'localhost.example', '127.0.0.1.example'])(
    'does not serve others who need not say who they are: %s',
    async (HOST) => {
      expect(await lookAt({ HOST })).toEqual(strangers);
    },
  );

  test('serves others where clients prove who they are', async () => {
    expect(await lookAt({ HOST: '0.0.0.0', ...identity })).toEqual(fine);
  });

  test('serves everybody when it is told so, and says so', async () => {
    const warnings = [
      expect.stringMatching(/is set: whoever reaches 0\.0\.0\.0 may read salaries, change employees/),
    ];
    expect(await lookAt({ HOST: '0.0.0.0', ...dangerous })).toEqual({ warnings });
  });

  test('does not open to others what has passwords that everybody knows, whoever is let in', async () => {
    const known = expect.stringMatching(
      /^admin in .* has the password that everybody knows: give them others/,
    );
    const users = new Map([...ownUsers, ['admin', 'admin']]);
    expect(await lookAt({ HOST: '0.0.0.0', ...identity }, { users })).toEqual({ problems: [known] });
    expect(await lookAt({ HOST: '0.0.0.0', ...dangerous }, { users })).toEqual({ problems: [known] });
    expect(await lookAt({ HOST: '0.0.0.0' }, { users })).toEqual({
      problems: [...strangers.problems, known],
    });
    const own = expect.stringMatching(/^gateway in .* has the password that everybody knows/);
    expect(await lookAt({ HOST: '0.0.0.0', ...identity }, { password: 'gateway' })).toEqual({
      problems: [own],
    });
  });
});

const exposed = (environment: Readonly<Record<string, string>>) =>
  exposureOf(parseSettings(environment, { cwd: packageRoot, packageRoot }));

test('the schema and the pages are shown to who sits at this machine, and to others when the settings say so', () => {
  const everything = { introspection: true, pages: ['console', 'graphiql', 'playground'] };
  const nothing = { introspection: false, pages: [] };
  expect(exposed({})).toEqual(everything);
  expect(exposed(identity)).toEqual(nothing);
  expect(exposed({ HOST: '0.0.0.0', ...dangerous })).toEqual(nothing);
  expect(exposed({ INTROSPECTION: 'off', PAGES: 'off' })).toEqual(nothing);
  expect(exposed({ ...identity, INTROSPECTION: 'on', PAGES: 'on' })).toEqual(everything);
});

test('the passwords that everybody knows are those of the shipped configuration', async () => {
  expect((await readClusterConfig(shipped)).users).toEqual(shippedLogins);
  expect(await readFile(shipped, 'utf8')).toMatch(/password: 'topsecret'/);
});
