import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { waitFor } from '../../../src/trial/wait-for.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openSocket, type RawSocket } from './raw-socket.js';

/* The older sub-protocol, frame by frame, as GraphQL Playground puts them on the wire. */

let gateway: GatewayUnderTest;
beforeEach(async () => {
  gateway = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]] });
});
afterEach(() => gateway.stop());

const ack = { type: 'connection_ack' };
const keepAlive = { type: 'ka' };
const start = (id: string, query: string, rest: object = {}) => ({
  id,
  type: 'start',
  payload: { query, variables: {}, extensions: {}, operationName: null, ...rest },
});
const watch = 'subscription { leadershipChanged { kind } }';

const open = () => openSocket(gateway.socketUrl, { protocols: ['graphql-ws'] });

async function openAcknowledged(): Promise<RawSocket> {
  const socket = await open();
  socket.send({ type: 'connection_init', payload: {} });
  expect(await socket.next()).toEqual(ack);
  expect(await socket.next()).toEqual(keepAlive);
  return socket;
}

async function chosen(protocols: string[]): Promise<string> {
  const socket = new WebSocket(gateway.socketUrl, protocols);
  await once(socket, 'open');
  socket.close();
  return socket.protocol;
}

describe('the sub-protocol is chosen by what is offered', () => {
  test('the older one only to who offers no other', async () => {
    expect(await chosen(['graphql-ws'])).toBe('graphql-ws');
    expect(await chosen(['graphql-ws', 'graphql-transport-ws'])).toBe('graphql-transport-ws');
    expect(await chosen(['graphql-transport-ws'])).toBe('graphql-transport-ws');
  });
});

describe('an operation', () => {
  test('may come before the acknowledgement, as Playground sends it', async () => {
    const socket = await open();
    socket.send({ type: 'connection_init', payload: {} });
    socket.send(start('1', '{ employee(id: 1) { name } }'));
    expect(await socket.next()).toEqual(ack);
    expect(await socket.next()).toEqual(keepAlive);
    expect(await socket.next()).toEqual({
      id: '1',
      type: 'data',
      payload: { data: { employee: { name: 'John Doe' } } },
    });
    expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
    socket.close();
  });

  test('even before the connection is begun; then it waits for that', async () => {
    const socket = await open();
    socket.send(start('1', watch));
    socket.send(start('2', watch));
    socket.send({ type: 'connection_init' });
    expect([await socket.next(), await socket.next()]).toEqual([ack, keepAlive]);
    expect(await socket.next()).toMatchObject({ id: '1', type: 'data' });
    expect(await socket.next()).toMatchObject({ id: '2', type: 'data' });
    socket.close();
  });

  test('that is refused gets one error, with the others in it, and is complete', async () => {
    const socket = await openAcknowledged();
    socket.send(start('1', '{ one }'));
    const refused = { code: 'GRAPHQL_VALIDATION_FAILED' };
    expect(await socket.next()).toMatchObject({ id: '1', type: 'error', payload: { extensions: refused } });
    expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
    socket.send(start('2', '{ one two }'));
    expect(await socket.next()).toMatchObject({
      id: '2',
      type: 'error',
      payload: { extensions: refused, errors: [{ extensions: refused }, { extensions: refused }] },
    });
    expect(await socket.next()).toEqual({ id: '2', type: 'complete' });
    socket.close();
  });

  test('that is stopped is heard of no more', async () => {
    const socket = await openAcknowledged();
    socket.send(start('1', watch));
    expect(await socket.next()).toMatchObject({ id: '1', type: 'data' });
    socket.send({ id: '1', type: 'stop' });
    await waitFor('nobody listens', () => gateway.replicaSet.listenerCount === 0);
    gateway.replicaSet.elect('instance002');
    socket.send(start('2', '{ topology { term } }'));
    expect(await socket.next()).toMatchObject({ id: '2', type: 'data' });
    socket.close();
  });

  test('ends the one that had its id, and gets no answer of that', async () => {
    const gate = new EventEmitter();
    gateway.replicaSet.beforeCall = async () => {
      await once(gate, 'release');
    };
    const socket = await openAcknowledged();
    socket.send(start('1', '{ employee(id: 1) { name } }'));
    await waitFor('it waits', () => gateway.replicaSet.calls.length === 1);
    socket.send(start('1', watch));
    expect(await socket.next()).toMatchObject({ id: '1', payload: { data: { leadershipChanged: {} } } });
    gate.emit('release');
    gateway.replicaSet.loseLeader();
    expect(await socket.next()).toMatchObject({
      id: '1',
      payload: { data: { leadershipChanged: { kind: 'LOST' } } },
    });
    socket.close();
  });

  test('is one of 100 at most', async () => {
    const socket = await openAcknowledged();
    for (let id = 1; id <= 101; id += 1) socket.send(start(String(id), watch));
    const messages: string[] = [];
    while (messages.length < 102) messages.push(JSON.stringify(await socket.next()));
    expect(messages.filter((message) => message.includes('"OVERLOADED"'))).toHaveLength(1);
    expect(messages.filter((message) => message.includes('"data"'))).toHaveLength(100);
    socket.close();
  });
});

describe('a socket is closed', () => {
  test('with 4400 for what is no message of this protocol, those of the newer one included', async () => {
    const bad = [
      'garbage',
      '{}',
      'null',
      { type: 'subscribe', id: '1', payload: { query: '{ __typename }' } },
      { type: 'ping' },
      { type: 'start' },
      { type: 'start', id: 1, payload: { query: '{ __typename }' } },
    ];
    for (const message of bad) {
      const socket = await openAcknowledged();
      socket.send(message);
      expect((await socket.closed).code).toBe(4400);
    }
    const socket = await openAcknowledged();
    socket.send({ type: 'start', id: '1', payload: {} });
    expect((await socket.closed).code).toBe(4400);
  });

  test('with 4401 when more than 100 kB come before the acknowledgement', async () => {
    const socket = await open();
    for (const id of ['1', '2']) socket.send(start(id, `{ topology { term } } # ${'x'.repeat(60_000)}`));
    expect(await socket.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  });

  test('with 4408 when it does not begin within 3 s', async () => {
    const socket = await open();
    expect((await socket.closed).code).toBe(4408);
  });

  test('with 4429 when it begins twice', async () => {
    const socket = await openAcknowledged();
    socket.send({ type: 'connection_init' });
    expect((await socket.closed).code).toBe(4429);
  });

  test('with 1000 when its client says goodbye; with all that it had subscribed to', async () => {
    const socket = await openAcknowledged();
    socket.send(start('1', watch));
    await socket.next();
    socket.send({ type: 'connection_terminate' });
    expect((await socket.closed).code).toBe(1000);
    await waitFor('nobody listens', () => gateway.replicaSet.listenerCount === 0);
  });

  test('with 1001 when the gateway stops, and no subscription is told that it is complete', async () => {
    const socket = await openAcknowledged();
    socket.send(start('1', watch));
    await socket.next();
    const next = expect(socket.next()).rejects.toThrow('The socket was closed with 1001 Going away');
    await gateway.stop();
    await next;
  });
});

test('a client that listens for long hears that the connection is alive', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    await using watchful = await startGateway();
    const socket = await openSocket(watchful.socketUrl, { protocols: ['graphql-ws'] });
    socket.send({ type: 'connection_init' });
    expect([await socket.next(), await socket.next()]).toEqual([ack, keepAlive]);
    vi.advanceTimersByTime(12_000);
    expect(await socket.next()).toEqual(keepAlive);
    socket.close();
  } finally {
    vi.useRealTimers();
  }
});
