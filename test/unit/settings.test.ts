import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/operator-error.js';
import { parseSettings } from '../../src/settings.js';

const places = { cwd: '/home/user', packageRoot: '/srv/gateway' };

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    parseSettings(environment, places);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('These settings were accepted');
}

const identity = {
  JWT_JWKS_URL: 'https://identity.example/keys',
  JWT_ISSUER: 'https://identity.example',
  JWT_AUDIENCE: 'employee-gateway',
  JWT_ROLE_PERMISSIONS: 'hr=salaries:read',
};

const pagesOf = (PAGES: string) => parseSettings({ PAGES }, places).pages;

describe('settings', () => {
  test('have a default for everything', () => {
    expect(parseSettings({}, places)).toEqual({
      host: '127.0.0.1',
      port: 4000,
      clusterConfig: '/srv/gateway/cluster/instances.enabled/employees/config.yaml',
      tarantoolUser: 'gateway',
      tarantoolPassword: null,
      tarantoolPasswordFile: null,
      dataDir: '/srv/gateway/.data',
      tarantool: null,
      pollIntervalMs: 100,
      workers: 1,
      requestTimeoutMs: 10_000,
      metricsAddress: null,
      stopDelayMs: 0,
      stopTimeoutMs: 10_000,
      maxWaitingRequests: 10_000,
      maxWaitingBytes: 67_108_864,
      maxDepth: 15,
      maxCost: 20_000,
      trustedDocuments: 'off',
      trustedDocumentsManifest: null,
      rateLimit: null,
      maxConnectionsPerSubject: null,
      slowOperationMs: 1_000,
      otelExporterOtlpEndpoint: null,
      otelExporterOtlpTracesEndpoint: null,
      otelSdkDisabled: null,
      jwtJwksUrl: null,
      jwtKeyFile: null,
      jwtIssuer: [],
      jwtAudience: [],
      jwtAlgorithms: ['RS256', 'ES256', 'EdDSA'],
      jwtClockToleranceMs: 5_000,
      jwtRolesClaim: 'roles',
      jwtRolePermissions: new Map(),
      corsOrigins: [],
      introspection: null,
      pages: null,
      dangerouslyServeEverybodyWithoutIdentity: null,
      logLevel: 'info',
    });
  });

  test('cannot be changed once parsed', () => {
    expect(Object.isFrozen(parseSettings({}, places))).toBe(true);
  });

  test('take an empty variable for one that is not set', () => {
    expect(parseSettings({ PORT: '', TARANTOOL_PASSWORD: ' ' }, places)).toEqual(parseSettings({}, places));
  });

  test('resolve relative paths against the working directory, and leave a bare binary name to the PATH', () => {
    const settings = parseSettings(
      { CLUSTER_CONFIG: 'five.yaml', DATA_DIR: './data', TARANTOOL: 'bin/tarantool' },
      places,
    );
    expect(settings).toMatchObject({
      clusterConfig: '/home/user/five.yaml',
      dataDir: '/home/user/data',
      tarantool: '/home/user/bin/tarantool',
    });
    expect(parseSettings({ TARANTOOL: 'tarantool-3' }, places).tarantool).toBe('tarantool-3');
  });

  test.each([
    [{ PORT: 'http' }, 'PORT is "http": give a whole number from 0 to 65535 (0 takes any free one)'],
    [{ PORT: '65536' }, 'PORT is "65536": give a whole number from 0 to 65535 (0 takes any free one)'],
    [{ PORT: '-1' }, 'PORT is "-1": give a whole number from 0 to 65535 (0 takes any free one)'],
    [
      { HOST: 'http://localhost' },
      'HOST is "http://localhost": give a host name or an address, such as 0.0.0.0',
    ],
    [{ POLL_INTERVAL_MS: '9' }, 'POLL_INTERVAL_MS is "9": give a whole number from 10 to 10000'],
    [{ POLL_INTERVAL_MS: '1.5' }, 'POLL_INTERVAL_MS is "1.5": give a whole number from 10 to 10000'],
    [{ REQUEST_TIMEOUT_MS: '10s' }, 'REQUEST_TIMEOUT_MS is "10s": give a whole number from 100 to 600000'],
    [{ MAX_WAITING_REQUESTS: '0' }, 'MAX_WAITING_REQUESTS is "0": give a whole number from 1 to 1000000'],
    [
      { LOG_LEVEL: 'loud' },
      'LOG_LEVEL is "loud": give one of trace, debug, info, warn, error, fatal, silent',
    ],
  ])('refuse %j and say what to give', (environment, problem) => {
    expect(problemsOf(environment)).toEqual([problem]);
  });

  test('must let a request outlast a poll', () => {
    expect(problemsOf({ REQUEST_TIMEOUT_MS: '500', POLL_INTERVAL_MS: '500' })).toEqual([
      'REQUEST_TIMEOUT_MS is "500": it must be greater than POLL_INTERVAL_MS, or a request ends before a new leader can be seen',
    ]);
    expect(problemsOf({ POLL_INTERVAL_MS: '10000' })).toEqual([
      'REQUEST_TIMEOUT_MS: it must be greater than POLL_INTERVAL_MS, or a request ends before a new leader can be seen',
    ]);
  });

  test('report all their problems at once', () => {
    expect(
      problemsOf({ PORT: 'x', LOG_LEVEL: 'y', REQUEST_TIMEOUT_MS: '200', POLL_INTERVAL_MS: '300' }).map(
        (problem) => problem.split(' ')[0],
      ),
    ).toEqual(['PORT', 'LOG_LEVEL', 'REQUEST_TIMEOUT_MS']);
  });

  test.each([
    [
      { JWT_AUDIENCE: 'gateway' },
      ['JWT_AUDIENCE is set, but no key to check tokens with: set JWT_JWKS_URL or JWT_KEY_FILE, too'],
    ],
    [
      { JWT_KEY_FILE: 'key.pem' },
      [
        "JWT_ISSUER: it must be set where tokens are checked, else another's tokens would do",
        'JWT_AUDIENCE: it must be set where tokens are checked, else tokens for any other service would do',
        'JWT_ROLE_PERMISSIONS: it must be set where tokens are checked, else nobody may do anything: such as hr=employees:read,salaries:read',
      ],
    ],
    [
      { ...identity, JWT_KEY_FILE: 'key.pem' },
      ['JWT_JWKS_URL and JWT_KEY_FILE are both set: keys come from one place'],
    ],
    [
      { ...identity, JWT_ALGORITHMS: 'RS256,HS256' },
      ['JWT_ALGORITHMS has HS256, which needs a secret: what is at JWT_JWKS_URL is public'],
    ],
    [
      { ...identity, JWT_ROLE_PERMISSIONS: 'hr=read;ops' },
      [
        'JWT_ROLE_PERMISSIONS is "hr=read;ops": role "hr" has "read", which is no permission',
        'JWT_ROLE_PERMISSIONS is "hr=read;ops": "ops" is no role=permission,permission',
      ],
    ],
  ])('about identity must agree with each other: %j', (environment, problems) => {
    expect(problemsOf(environment)).toEqual(problems);
  });

  test.each([
    [
      { CORS_ORIGINS: '*' },
      'give origins such as https://staff.example, without a path, with commas between them',
    ],
    [
      { CORS_ORIGINS: 'null' },
      'give origins such as https://staff.example, without a path, with commas between them',
    ],
    [
      { CORS_ORIGINS: 'https://a.example,https://b.example/' },
      'give origins such as https://staff.example, without a path, with commas between them',
    ],
    [{ INTROSPECTION: 'true' }, 'give on or off'],
    [{ PAGES: 'console,admin' }, 'give on, off, or some of console, graphiql, playground'],
  ])('about what is shown are refused: %j', (environment, problem) => {
    const [[name, value] = []] = Object.entries(environment);
    expect(problemsOf(environment)).toEqual([`${name} is "${value}": ${problem}`]);
  });

  test('name the pages that are shown', () => {
    expect(pagesOf('on')).toEqual(['console', 'graphiql', 'playground']);
    expect(pagesOf('off')).toEqual([]);
    expect(pagesOf('console, graphiql')).toEqual(['console', 'graphiql']);
  });

  test('serve everybody only when they are told so by exactly yes', () => {
    const name = 'DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY';
    expect(problemsOf({ [name]: '1' })).toEqual([`${name} is "1": give yes, or leave it out`]);
    expect(problemsOf({ ...identity, [name]: 'yes' })).toEqual([
      `${name} is set, and so is where the keys of tokens are: unset one of them`,
    ]);
  });

  test.each([
    'http://identity.example/keys',
    'https://user:secret@identity.example/keys',
    'file:///etc/keys',
    'keys.json',
  ])('take no keys from %s', (url) => {
    expect(problemsOf({ ...identity, JWT_JWKS_URL: url })).toEqual([
      `JWT_JWKS_URL is ${JSON.stringify(url.replace('user:secret', '...'))}: give an https URL without a password in it (http is for this machine only)`,
    ]);
  });

  test('take keys from this machine without encryption', () => {
    const url = 'http://127.0.0.1:8080/keys';
    expect(parseSettings({ ...identity, JWT_JWKS_URL: url }, places).jwtJwksUrl).toBe(url);
  });

  test('know no token without a signature', () => {
    expect(problemsOf({ ...identity, JWT_ALGORITHMS: 'none' }).join()).toContain(
      'JWT_ALGORITHMS is "none": give some of RS256',
    );
  });

  test('never show a password', () => {
    expect(problemsOf({ PORT: 'x', TARANTOOL_PASSWORD: 'hidden' }).join()).not.toContain('hidden');
  });

  test('says so when a password is given twice, beside whatever else is wrong', () => {
    const given = { PORT: 'x', TARANTOOL_PASSWORD: 'hidden', TARANTOOL_PASSWORD_FILE: 'secret.txt' };
    const problems = problemsOf(given).join();
    expect(problems).toContain('it must not be given together with TARANTOOL_PASSWORD');
    expect(problems).toContain('PORT');
    expect(problems).not.toContain('hidden');
  });
});
