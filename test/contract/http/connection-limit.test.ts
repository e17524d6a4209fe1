import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { permissions, type Authenticator } from '../../../src/access/identity.js';
import { waitFor } from '../../../src/trial/wait-for.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openSocket } from './raw-socket.js';

/** Everybody is who they say, and may do everything. */
const believer: Authenticator = {
  identify: ({ authorization }) => ({
    subject: authorization ?? '',
    permissions: new Set(permissions),
    expiresAt: null,
  }),
};

const max = 2;
let gateway: GatewayUnderTest;
let url: string;
beforeEach(async () => {
  gateway = await startGateway({ authenticator: believer, settings: { maxConnectionsPerSubject: max } });
  url = `${gateway.url}/graphql/stream`;
});
afterEach(() => gateway.stop());

const words = '2 WebSockets and event streams of yours are open already: close one, then try again';
const refusal = {
  status: 429,
  body: {
    errors: [
      { message: words, extensions: { code: 'RATE_LIMITED', retryable: true, limit: 'connections', max } },
    ],
  },
};

interface Connection {
  readonly close: () => void;
}

/** A way to hold a connection. Rejects with what the gateway says against it. */
type Open = (authorization: string) => Promise<Connection>;

async function openStream(headers: Record<string, string>, address = url): Promise<Connection> {
  const client = new AbortController();
  const response = await fetch(address, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: client.signal,
  });
  if (response.status !== 200) throw await refusalIn(response);
  return { close: () => client.abort() };
}

const refusalIn = async (response: Response): Promise<Error> =>
  new Error('Refused', { cause: { status: response.status, body: JSON.parse(await response.text()) } });

const overSocket =
  (protocol: string): Open =>
  async (authorization) => {
    const socket = await openSocket(gateway.socketUrl, { protocols: [protocol] });
    socket.send({ type: 'connection_init', payload: { authorization } });
    const begun = await socket.next().catch(() => null);
    if (begun === null) throw new Error('Refused', { cause: await socket.closed });
    return { close: () => socket.close() };
  };

const ways: readonly { readonly name: string; readonly open: Open; readonly refused: object }[] = [
  ...['graphql-transport-ws', 'graphql-ws'].map((protocol) => ({
    name: protocol,
    open: overSocket(protocol),
    refused: { code: 1013, reason: words },
  })),
  {
    name: 'a stream of its own',
    open: (authorization) => {
      const query = encodeURIComponent('subscription { leadershipChanged { term } }');
      return openStream({ authorization }, `${url}?query=${query}`);
    },
    refused: refusal,
  },
  {
    name: 'a shared stream',
    async open(authorization) {
      const reserved = await fetch(url, { method: 'PUT', headers: { authorization } });
      if (reserved.status !== 201) throw await refusalIn(reserved);
      return openStream({ authorization, 'x-graphql-event-stream-token': await reserved.text() });
    },
    refused: refusal,
  },
];

describe.each(ways)('$name', ({ open, refused }) => {
  test.each(ways)(
    'finds no place beside two of $name, others do, and it does when one is closed',
    async (other) => {
      const held = [await other.open('anna'), await other.open('anna')];
      await expect(open('anna')).rejects.toHaveProperty('cause', refused);
      const others = await open('bert');
      held[0]?.close();
      const again = await waitFor('a place is free', () => open('anna').catch(() => null));
      for (const { close } of [...held.slice(1), others, again]) close();
    },
  );
});

test('a shared stream is that of whoever reserved it', async () => {
  const reserved = await fetch(url, { method: 'PUT', headers: { authorization: 'anna' } });
  const headers = { 'x-graphql-event-stream-token': await reserved.text() };
  const body = JSON.stringify({ query: '{ __typename }', extensions: { operationId: '1' } });
  const json = { 'content-type': 'application/json' };
  const statusFor = async (authorization: string, init: RequestInit) =>
    (await fetch(url, { ...init, headers: { ...headers, ...json, authorization } })).status;
  expect(await statusFor('bert', { method: 'POST', body })).toBe(404);
  expect(await statusFor('bert', { method: 'DELETE', body })).toBe(404);
  await expect(openStream({ ...headers, authorization: 'bert' })).rejects.toHaveProperty('cause.status', 404);
  expect(await statusFor('anna', { method: 'POST', body })).toBe(202);
  const { close } = await openStream({ ...headers, authorization: 'anna' });
  close();
});
