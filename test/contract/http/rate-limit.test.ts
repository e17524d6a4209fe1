import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { overLegacySocket, overSocket } from './transports.js';

const query = '{ __typename }';

/** What a subject hears that has no token left. */
const errors = [
  {
    message: expect.stringMatching(
      /^Too many operations in a short time: send this one again in 99900\d ms$/,
    ),
    extensions: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: expect.any(Number) },
  },
];

let gateway: GatewayUnderTest;
beforeAll(async () => {
  // A thousandth of an operation a second: nobody ever has a whole one.
  gateway = await startGateway({ settings: { rateLimit: 0.001 } });
});
afterAll(() => gateway.stop());

async function post(
  path: string,
  { headers = {}, body = {} }: { headers?: Record<string, string>; body?: object } = {},
) {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, ...body }),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: JSON.parse(await response.text()),
  };
}

const refused = { status: 429, retryAfter: expect.stringMatching(/^(?:999|1000)$/), body: { errors } };

test('over HTTP it is told by a status and a header, before anything of the operation is looked at', async () => {
  expect(await post('/graphql')).toEqual(refused);
  expect(await post('/graphql', { body: { query: '{' } })).toEqual(refused);
});

test.each(['/graphql', '/graphql/stream'])('at %s it is told before a body has come', async (path) => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  const head = [
    'host: 127.0.0.1',
    'accept: text/event-stream',
    'content-type: application/json',
    'content-length: 90000',
  ];
  socket.write(`POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 429 .*RATE_LIMITED/s);
  socket.destroy();
});

test('on an event stream, too: none is opened', async () => {
  expect(await post('/graphql/stream', { headers: { accept: 'text/event-stream' } })).toEqual(refused);
  const reserved = await fetch(`${gateway.url}/graphql/stream`, { method: 'PUT' });
  const headers = { 'x-graphql-event-stream-token': await reserved.text() };
  const body = { extensions: { operationId: '1' } };
  expect(await post('/graphql/stream', { headers, body })).toEqual(refused);
});

test.each([overSocket, overLegacySocket])(
  'over a WebSocket it is an error like any other: %o',
  async (open) => {
    const transport = open(gateway);
    expect(await transport.run({ query })).toEqual([{ errors }]);
    transport.dispose();
  },
);

test.each([
  ['a long document that nobody has sent before', `{ __typename } # ${'x'.repeat(60_000)}`],
  [
    'an operation of a high cost',
    '{ employees(first: 200) { nodes { id name } } leadershipHistory(last: 900) { kind term sequence } }',
  ],
])('%s counts as several operations', async (_, much) => {
  await using patient = await startGateway({ settings: { rateLimit: 2 } });
  const { body } = await patient.post(much);
  expect(body.errors).toBeUndefined();
  expect((await patient.post(query)).status).toBe(429);
});

test('health is told to everybody', async () => {
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
});
