import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Authenticator } from '../../../src/access/identity.js';
import { UnauthenticatedError } from '../../../src/access/errors.js';
import { everybodyMay } from '../../support/identities.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';

/* What pages of other origins may do: nothing, unless the settings name them. */

const friend = 'https://staff.example';
const stranger = 'https://elsewhere.example';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({ settings: { corsOrigins: [friend] } });
});
afterAll(() => gateway.stop());

const operation = { method: 'POST', body: JSON.stringify({ query: '{ topology { term } }' }) };
const json = { 'content-type': 'application/json' };

const preflight = (origin: string, path = '/graphql') =>
  fetch(gateway.url + path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    },
  });

/** The status of an upgrade; 101 when the socket opened. */
function upgrade(url: string, origin: string): Promise<number> {
  const socket = new WebSocket(url, ['graphql-transport-ws'], { origin });
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode));
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
  });
}

describe('a page of an origin that the settings name', () => {
  test.each(['/graphql', '/graphql/stream'])(
    'may send operations with a token to %s, and read the answers',
    async (path) => {
      const asked = await preflight(friend, path);
      expect(asked.status).toBe(204);
      expect(asked.headers.get('access-control-allow-origin')).toBe(friend);
      expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
      expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
      const headers = {
        ...json,
        accept: 'text/event-stream, application/json',
        origin: friend,
        'sec-fetch-site': 'cross-site',
      };
      const answer = await fetch(gateway.url + path, { ...operation, headers });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, friend]);
      expect(answer.headers.get('vary')).toMatch(/origin/i);
    },
  );

  test('may open a WebSocket', async () => {
    expect(await upgrade(gateway.socketUrl, friend)).toBe(101);
  });

  test('can read that it needs a token', async () => {
    const authenticator: Authenticator = {
      identify: () => {
        throw new UnauthenticatedError('Send a token');
      },
    };
    await using closed = await startGateway({ authenticator, settings: { corsOrigins: [friend] } });
    const answer = await fetch(`${closed.url}/graphql`, {
      ...operation,
      headers: { ...json, origin: friend },
    });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, friend]);
    expect(answer.headers.get('access-control-expose-headers')).toContain('www-authenticate');
  });
});

describe('a page of any other origin', () => {
  test.each([stranger, 'null', `${friend}.elsewhere.example`, 'http://staff.example'])(
    '%s may do nothing of it',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
      const answer = await fetch(`${gateway.url}/graphql`, { ...operation, headers: { ...json, origin } });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      const headers = { ...json, accept: 'text/event-stream', origin };
      expect((await fetch(`${gateway.url}/graphql/stream`, { ...operation, headers })).status).toBe(403);
      expect(await upgrade(gateway.socketUrl, origin)).toBe(403);
    },
  );

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'cannot have a form send an operation as %s',
    async (type) => {
      const headers = { 'content-type': type, accept: 'text/event-stream' };
      for (const path of ['/graphql', '/graphql/stream']) {
        expect((await fetch(gateway.url + path, { ...operation, headers })).status).toBe(415);
      }
    },
  );

  test('cannot have a link send one', async () => {
    const link = `${gateway.url}/graphql?query=${encodeURIComponent('{ topology { term } }')}`;
    expect((await fetch(link)).status).toBe(400);
    const stream = link.replace('?', '/stream?');
    const headers = { accept: 'text/event-stream', 'sec-fetch-site': 'cross-site' };
    expect((await fetch(stream, { headers })).status).toBe(403);
  });
});

test.each(['/graphql', '/graphql/stream', '/livez', '/readyz', '/schema.graphql', '/nothing', '/'])(
  'whatever %s answers is no page in a frame, and of no other type than it says',
  async (path) => {
    const { headers } = await fetch(gateway.url + path);
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toMatch(/^no-referrer$|^same-origin$/);
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  },
);

test('only the pages that the settings name are there', async () => {
  await using quiet = await startGateway({ settings: { pages: ['graphiql'], introspection: false } });
  const statusOf = async (path: string) => (await fetch(quiet.url + path)).status;
  expect(
    await Promise.all(['/', '/playground', '/schema.graphql', '/pages/console/assets/x.js'].map(statusOf)),
  ).toEqual([404, 404, 404, 404]);
  expect(await statusOf('/graphiql')).not.toBe(404);
});

test('the processes of the nodes are for who may steer the cluster', async () => {
  const localNodes = { list: async () => [], act: async () => 'done' as const };
  const authenticator = everybodyMay('employees:read', 'cluster:read');
  await using limited = await startGateway({ localNodes, authenticator });
  const headers = { 'x-local-control': '1' };
  expect((await fetch(`${limited.url}/local/nodes`)).status).toBe(403);
  const killed = await fetch(`${limited.url}/local/nodes/instance001/kill`, { method: 'POST', headers });
  expect([killed.status, await killed.json()]).toEqual([
    403,
    { problem: 'It needs the permission cluster:steer' },
  ]);
});
