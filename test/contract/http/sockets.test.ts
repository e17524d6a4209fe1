import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openAcknowledged, openSocket } from './raw-socket.js';

let gateway: GatewayUnderTest;
beforeEach(async () => {
  gateway = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]] });
});
afterEach(() => gateway.stop());

const subscribe = (id: string, query: string, rest: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, ...rest },
});

/** The id that a handshake is answered with. */
async function idFor(headers: Record<string, string>): Promise<string> {
  const socket = new WebSocket(gateway.socketUrl, ['graphql-transport-ws'], { headers });
  const [[response]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')]);
  socket.terminate();
  return String(response.headers['x-request-id']);
}

test('a socket has an id, its own if that is fit for a log: the handshake says which', async () => {
  expect(await idFor({})).toMatch(/^[\da-f-]{36}$/);
  expect(await idFor({ 'x-request-id': 'trace-7' })).toBe('trace-7');
  expect(await idFor({ 'x-request-id': 'no id' })).toMatch(/^[\da-f-]{36}$/);
});

describe('a socket is closed', () => {
  test('with 4400 for what is no message of the protocol', async () => {
    for (const message of ['garbage', '{}', { type: 'start' }, { type: 'subscribe', id: '1' }]) {
      const socket = await openSocket(gateway.socketUrl);
      socket.send(message);
      expect((await socket.closed).code).toBe(4400);
    }
  });

  test('with 4401 when an operation comes before the acknowledgement', async () => {
    const socket = await openSocket(gateway.socketUrl);
    socket.send(subscribe('1', '{ topology { term } }'));
    expect(await socket.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  });

  test('with 4406 when it speaks no sub-protocol of ours', async () => {
    const socket = await openSocket(gateway.socketUrl, { protocols: [] });
    expect((await socket.closed).code).toBe(4406);
  });

  test('with 4408 when it does not begin within 3 s', async () => {
    const before = performance.now();
    const socket = await openSocket(gateway.socketUrl);
    expect((await socket.closed).code).toBe(4408);
    expect(performance.now() - before).toBeGreaterThan(2_900);
  });

  test('with 4409 when two operations have one id', async () => {
    const socket = await openAcknowledged(gateway.socketUrl);
    socket.send(subscribe('1', 'subscription { leadershipChanged { term } }'));
    await socket.next();
    socket.send(subscribe('1', '{ topology { term } }'));
    expect(await socket.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });
  });

  test('with 4429 when it begins twice', async () => {
    const socket = await openAcknowledged(gateway.socketUrl);
    socket.send({ type: 'connection_init' });
    expect((await socket.closed).code).toBe(4429);
  });

  test('with 1009 for a message of more than 100 kB', async () => {
    const socket = await openAcknowledged(gateway.socketUrl);
    socket.send(subscribe('1', `{ topology { term } } # ${'x'.repeat(102_400)}`));
    expect((await socket.closed).code).toBe(1009);
  });

  test('with 4500 and no reason when the gateway does not know what to do', async () => {
    const socket = await openAcknowledged(gateway.socketUrl);
    // A message of the protocol, but of the other side: the library throws.
    socket.send({ type: 'connection_ack' });
    expect(await socket.closed).toEqual({ code: 4500, reason: 'Internal server error' });
    expect(gateway.logged()).toContain('connection_ack');
  });

  test('with 1001 when the gateway stops, and no subscription is told that it is complete', async () => {
    const socket = await openAcknowledged(gateway.socketUrl);
    socket.send(subscribe('1', 'subscription { leadershipChanged { kind } }'));
    expect(await socket.next()).toMatchObject({ type: 'next' });
    const next = expect(socket.next()).rejects.toThrow('The socket was closed with 1001 Going away');
    await gateway.stop();
    await next;
    expect(gateway.replicaSet.listenerCount).toBe(0);
  });
});

test('a peer that answers no ping is cut off by the one after, and its subscriptions end', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    await using watchful = await startGateway();
    const socket = await openAcknowledged(watchful.socketUrl);
    socket.send(subscribe('1', 'subscription { leadershipChanged { kind } }'));
    await socket.next();
    vi.advanceTimersByTime(12_000);
    await socket.pinged();
    // The pong goes ahead of this answer.
    socket.send(subscribe('2', '{ topology { term } }'));
    expect(await socket.next()).toMatchObject({ id: '2', type: 'next' });
    vi.advanceTimersByTime(12_000);
    expect(watchful.replicaSet.listenerCount).toBe(1);
    socket.pause();
    vi.advanceTimersByTime(24_000);
    await vi.waitFor(() => expect(watchful.replicaSet.listenerCount).toBe(0));
    socket.resume();
    expect((await socket.closed).code).toBe(1006);
  } finally {
    vi.useRealTimers();
  }
});

describe('stopping', () => {
  test('does not wait for a client that has connected and says nothing', async () => {
    const { hostname, port } = new URL(gateway.url);
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    const before = performance.now();
    await gateway.stop();
    expect(performance.now() - before).toBeLessThan(1_000);
    silent.destroy();
  });

  test('does not wait longer than it was told for a client that does not answer the close', async () => {
    await using stubborn = await startGateway({ settings: { stopTimeoutMs: 50 } });
    const socket = await openAcknowledged(stubborn.socketUrl);
    socket.pause();
    await stubborn.stop();
    socket.resume();
    expect((await socket.closed).code).toBe(1001);
  });
});

/** How the server answers an upgrade that it refuses. */
async function refusal(url: string, options: { origin?: string } = {}): Promise<string> {
  const [error] = await once(new WebSocket(url, 'graphql-transport-ws', options), 'close').catch(
    (reason: unknown) => [reason],
  );
  return String(error);
}

describe('an upgrade is refused', () => {
  test('anywhere but at /graphql', async () => {
    expect(await refusal(`${gateway.url.replace('http', 'ws')}/other`)).toContain('404');
  });

  test('to a page of another origin, and not to one of our own', async () => {
    expect(await refusal(gateway.socketUrl, { origin: 'https://example.com' })).toContain('403');
    expect(await refusal(gateway.socketUrl, { origin: 'null' })).toContain('403');
    const socket = await openSocket(gateway.socketUrl, { origin: gateway.url });
    socket.close();
    await socket.closed;
  });
});

describe('an operation over a socket', () => {
  test('may be a query or a mutation', async () => {
    const socket = await openAcknowledged(gateway.socketUrl);
    socket.send(
      subscribe(
        '1',
        'mutation ($input: RemoveEmployeeInput!) { removeEmployee(input: $input) { employee { name } } }',
        {
          variables: { input: { id: 1 } },
        },
      ),
    );
    expect(await socket.next()).toEqual({
      id: '1',
      type: 'next',
      payload: { data: { removeEmployee: { employee: { name: 'John Doe' } } } },
    });
    expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
    socket.send(
      subscribe('2', 'query A { employee(id: 1) { id } } query B { topology { term } }', {
        operationName: 'A',
      }),
    );
    expect(await socket.next()).toMatchObject({ payload: { data: { employee: null } } });
    socket.close();
  });

  test.each<[string, object, string, object]>([
    ['{', {}, 'error', { code: 'GRAPHQL_PARSE_FAILED' }],
    ['{ nothing }', {}, 'error', { code: 'GRAPHQL_VALIDATION_FAILED' }],
    ['{ employee(id: 1.5) { id } }', {}, 'error', { code: 'BAD_USER_INPUT', field: 'id' }],
    ['query A { __typename } query B { __typename }', {}, 'error', { code: 'OPERATION_RESOLUTION_FAILURE' }],
    [
      'query ($n: ID!) { employee(id: $n) { id } }',
      { variables: { n: 1.5 } },
      'next',
      { code: 'BAD_USER_INPUT', field: 'id' },
    ],
    ['{ employee(id: 0) { id } }', {}, 'next', { code: 'BAD_USER_INPUT', field: 'id' }],
    [
      '{ employee(id: 1, read: { node: "x" }) { id } }',
      {},
      'next',
      { code: 'BAD_USER_INPUT', field: 'read.node' },
    ],
  ])('is refused as over HTTP: %s', async (query, rest, type, extensions) => {
    const socket = await openAcknowledged(gateway.socketUrl);
    socket.send(subscribe('1', query, rest));
    const message = await socket.next();
    const errors =
      type === 'error' ? { payload: [{ extensions }] } : { payload: { errors: [{ extensions }] } };
    expect(message).toMatchObject({ id: '1', type, ...errors });
    socket.close();
  });

  test('is one of 100 at most', async () => {
    const socket = await openAcknowledged(gateway.socketUrl);
    for (let id = 1; id <= 101; id += 1) {
      socket.send(subscribe(String(id), 'subscription { leadershipChanged { term } }'));
    }
    const messages: string[] = [];
    while (messages.length < 101) messages.push(JSON.stringify(await socket.next()));
    expect(messages.filter((message) => message.includes('"OVERLOADED"'))).toHaveLength(1);
    expect(messages.filter((message) => message.includes('"next"'))).toHaveLength(100);
    socket.close();
    await socket.closed;
  });

  test('does not see the schema where introspection is off', async () => {
    await using secretive = await startGateway({ settings: { introspection: false } });
    const socket = await openAcknowledged(secretive.socketUrl);
    socket.send(subscribe('1', '{ __schema { queryType { name } } }'));
    expect(await socket.next()).toMatchObject({ type: 'error' });
    socket.close();
  });
});
