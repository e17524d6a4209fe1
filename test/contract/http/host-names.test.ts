import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';

/* A page from elsewhere may have its own name point to this machine: the browser takes the gateway for its own server. */

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** By node:http, which lets one set the header Host. */
function get(url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('upgrade', ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, body: '' });
    });
    sent.on('error', reject);
    sent.end();
  });
}

const graphql = '/graphql?query=%7Btopology%7Bterm%7D%7D';
const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'graphql-transport-ws',
};

const requests = [
  ['an operation', graphql, { 'apollo-require-preflight': '1' }, 200],
  ['an event stream', graphql.replace('?', '/stream?'), { accept: 'text/event-stream' }, 200],
  ['a WebSocket', '/graphql', upgrade, 101],
  ['a page', '/schema.graphql', {}, 200],
  ['what is not there', '/nothing', {}, 404],
] as const;

describe.each(requests)('%s', (_what, path, headers, status) => {
  test.each(['localhost', 'LOCALHOST:80', '127.0.0.1:4000', '127.9.9.9', '[::1]:4000'])(
    'is served to who asks for %s',
    async (host) => {
      expect((await get(`${gateway.url}${path}`, { ...headers, host })).status).toBe(status);
    },
  );

  test.each([
    'elsewhere.example',
    'localhost.elsewhere.example',
    '127.0.0.1.elsewhere.example',
    '192.168.0.7:4000',
    '0.0.0.0',
    '[::]',
  ])('is refused to who asks for %j', async (host) => {
    expect((await get(`${gateway.url}${path}`, { ...headers, host })).status).toBe(403);
  });
});

test('the refusal has a code, and says under which names this gateway is served', async () => {
  const { body } = await get(`${gateway.url}/readyz`, { host: 'elsewhere.example' });
  expect(JSON.parse(body)).toEqual({
    errors: [
      {
        message: 'This gateway serves this machine only, under names such as localhost and 127.0.0.1',
        extensions: { code: 'FORBIDDEN' },
      },
    ],
  });
});

test('a gateway that others may reach is served under any name', async () => {
  await using open = await startGateway({ settings: { hostNames: 'any' } });
  for (const [, path, headers, status] of requests) {
    expect((await get(`${open.url}${path}`, { ...headers, host: 'gateway.example' })).status).toBe(status);
  }
});
