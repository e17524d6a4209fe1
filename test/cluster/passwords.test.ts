import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { findFreePorts } from '../../src/trial/free-ports.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { openSocket } from '../contract/http/raw-socket.js';
import { useCluster } from '../support/cluster.js';
import { GatewayProcess } from '../support/gateway-process.js';
import { build } from '../support/launched.js';
import { waitForReplication } from '../support/replication.js';

const passwords: Readonly<Record<string, string>> = {
  admin: 'canary-of-admin',
  replicator: 'canary-of-replicator',
  gateway: 'canary-of-gateway',
};

const cluster = useCluster({
  adjust: (config) => {
    const { users } = Object(config['credentials']);
    for (const [user, password] of Object.entries(passwords)) users[user].password = password;
  },
});

beforeAll(build);

test('No password is in the log of a node, its command line or its environment, whoever has led', async () => {
  await waitForReplication(cluster());
  const first = await cluster().waitForLeader();
  await cluster().kill(first);
  await cluster().waitForLeader({ not: first });
  await cluster().restart(first);
  await waitForReplication(cluster());

  for (const name of cluster().names) {
    const { pid, logPath } = cluster().process(name);
    const places = {
      log: await readFile(logPath, 'utf8'),
      'command line': await readFile(join('/proc', String(pid), 'cmdline'), 'utf8'),
      environment: await readFile(join('/proc', String(pid), 'environ'), 'utf8'),
    };
    for (const [place, text] of Object.entries(places)) {
      expect(text.length, `${place} of ${name}`).toBeGreaterThan(0);
      const leaks = text.split('\n').filter((line) => line.includes('canary'));
      expect({ name, place, leaks }).toEqual({ name, place, leaks: [] });
    }
  }
});

/** A secret that both sides know, as a JWK. */
const secretKey = Buffer.from('canary-of-tokens-that-both-sides-know').toString('base64url');

const signedWith = (secret: string, expires: string) =>
  new SignJWT({ roles: ['hr'] })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('https://identity.example')
    .setAudience('employee-gateway')
    .setSubject('ada')
    .setExpirationTime(expires)
    .sign(Buffer.from(secret, 'base64url'));

/** Whatever anybody is told who shows this token, over every transport. */
async function answersTo(token: string, gateway: GatewayProcess): Promise<readonly string[]> {
  const authorization = `Bearer ${token}`;
  const body = JSON.stringify({
    query: '{ employee(id: 0) { id } employees(orderBy: {field: SALARY}) { totalCount } }',
  });
  const headers = { 'content-type': 'application/json', authorization };
  const texts = ['/graphql', '/graphql/stream', '/schema.graphql', '/nowhere'].map(async (path) => {
    const accept = 'text/event-stream, application/json';
    const response = await fetch(gateway.url + path, {
      method: 'POST',
      headers: { ...headers, accept },
      body,
    });
    return JSON.stringify([...response.headers]) + (await response.text());
  });
  const reasons = ['graphql-transport-ws', 'graphql-ws'].map(async (protocol) => {
    const url = `${gateway.url.replace('http', 'ws')}/graphql?token=${token}`;
    const socket = await openSocket(url, { protocols: [protocol], headers: { authorization } });
    socket.send({ type: 'connection_init', payload: { authorization } });
    socket.send({ type: 'garbage', payload: { authorization } });
    const first = await socket.next().catch(String);
    socket.close();
    return JSON.stringify([first, await socket.closed]);
  });
  return Promise.all([...texts, ...reasons]);
}

test('No password, secret or token is in what a gateway says: to clients, in its log, to Prometheus', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'canary-'));
  const keyFile = join(directory, 'key.json');
  await writeFile(keyFile, JSON.stringify({ kty: 'oct', k: secretKey }));
  const [metricsPort = 0] = await findFreePorts(1);
  const common = { LOG_LEVEL: 'trace', METRICS_ADDRESS: `127.0.0.1:${metricsPort}` };
  const gateway = await GatewayProcess.start(cluster().definition.path, {
    ...common,
    JWT_KEY_FILE: keyFile,
    JWT_ALGORITHMS: 'HS256',
    JWT_ISSUER: 'https://identity.example',
    JWT_AUDIENCE: 'employee-gateway',
    JWT_ROLE_PERMISSIONS: 'hr=employees:read',
  });
  const said: string[] = [];
  const tokens = [
    await signedWith(secretKey, '1h'),
    await signedWith(secretKey, '-1h'),
    await signedWith(Buffer.alloc(32, 'canary').toString('base64url'), '1h'),
    'canary-of-nobody',
  ];
  try {
    await waitFor('it is ready', async () => (await fetch(`${gateway.url}/readyz`)).ok);
    for (const token of tokens) said.push(...(await answersTo(token, gateway)));
    expect(said.join('\n')).toMatch(/BAD_USER_INPUT|FORBIDDEN/);
    expect(said.join('\n')).toContain('The token has expired');
    said.push(await (await fetch(`http://${common.METRICS_ADDRESS}/metrics`)).text());
    said.push(await readFile(`/proc/${gateway.pid}/cmdline`, 'utf8'));
  } finally {
    await gateway.end('SIGTERM');
    said.push(gateway.output);
  }
  // With a password that the nodes refuse.
  const refused = await GatewayProcess.start(cluster().definition.path, {
    ...common,
    TARANTOOL_PASSWORD: 'canary-that-is-wrong',
  });
  try {
    await waitFor('it says that it is refused', () => /password|credentials/.test(refused.output));
    said.push(await (await fetch(`${refused.url}/readyz`)).text());
  } finally {
    await refused.end('SIGTERM');
    said.push(refused.output);
    await rm(directory, { recursive: true });
  }
  const secrets = ['canary', secretKey, ...tokens.flatMap((token) => token.split('.').slice(-1))];
  for (const text of said)
    expect(
      secrets.filter((secret) => text.includes(secret)),
      text,
    ).toEqual([]);
});
