import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../../src/trial/wait-for.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openAcknowledged } from './raw-socket.js';

/* What each transport sees of a gateway that is to stop. http, sockets and event-streams.test.ts have the plain cases. */

let gateway: GatewayUnderTest;
/** Calls to the cluster wait at it. */
let gate: EventEmitter;
beforeEach(async () => {
  gateway = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]] });
  gate = new EventEmitter();
});
afterEach(() => gateway.stop());

function holdCalls(): void {
  gateway.replicaSet.beforeCall = async () => {
    await once(gate, 'release');
  };
}

const underWay = (calls: number) =>
  waitFor('the cluster is asked', () => gateway.replicaSet.calls.length === calls);
const noLongerListens = () =>
  waitFor('it listens no more', () =>
    fetch(`${gateway.url}/livez`).then(
      () => false,
      () => true,
    ),
  );
const query = '{ employee(id: 1) { name } }';
const john = { data: { employee: { name: 'John Doe' } } };
const subscribe = (id: string, text: string) => ({ id, type: 'subscribe', payload: { query: text } });

test('first it only says that it is not ready, and asks its clients to connect anew elsewhere', async () => {
  await using slow = await startGateway({
    rows: [[1, 'John Doe', 'Manager', 5000]],
    settings: { stopDelayMs: 1_000 },
  });
  const statusOf = async (path: string) => (await fetch(slow.url + path)).status;
  // Whatever is done for the first time takes longer.
  await slow.post(query);
  const startedAt = performance.now();
  const stopped = slow.stop();
  const answer = await slow.post(query);
  expect(answer.body).toEqual(john);
  expect(answer.headers.get('connection')).toBe('close');
  expect(await statusOf('/readyz')).toBe(503);
  expect(await statusOf('/readyz/accepting')).toBe(503);
  expect(await statusOf('/livez')).toBe(200);
  const socket = await openAcknowledged(slow.socketUrl);
  await stopped;
  expect((await socket.closed).code).toBe(1001);
  expect(performance.now() - startedAt).toBeGreaterThan(990);
});

test('a WebSocket is closed once what was asked over it is answered, and takes nothing more', async () => {
  holdCalls();
  const socket = await openAcknowledged(gateway.socketUrl);
  socket.send(subscribe('feed', 'subscription { leadershipChanged { kind } }'));
  expect(await socket.next()).toMatchObject({ id: 'feed', type: 'next' });
  socket.send(subscribe('first', query));
  await underWay(1);
  const stopped = gateway.stop();
  await noLongerListens();
  socket.send(subscribe('second', query));
  expect(await socket.next()).toMatchObject({
    id: 'second',
    type: 'error',
    payload: [{ extensions: { code: 'CLUSTER_UNAVAILABLE', retryable: true } }],
  });
  gate.emit('release');
  expect(await socket.next()).toMatchObject({ id: 'first', type: 'next', payload: john });
  expect(await socket.next()).toMatchObject({ id: 'first', type: 'complete' });
  expect(await socket.closed).toEqual({ code: 1001, reason: 'Going away' });
  await stopped;
  expect(gateway.replicaSet.calls).toHaveLength(1);
});

test('a stream that operations share ends once they are answered', async () => {
  holdCalls();
  const url = `${gateway.url}/graphql/stream`;
  const token = await (await fetch(url, { method: 'PUT' })).text();
  const headers = { 'x-graphql-event-stream-token': token, 'content-type': 'application/json' };
  const stream = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' } });
  const run = (operationId: string, text: string) =>
    fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: text, extensions: { operationId } }),
    });
  expect((await run('feed', 'subscription { leadershipChanged { kind } }')).status).toBe(202);
  expect((await run('first', query)).status).toBe(202);
  await underWay(1);
  const stopped = gateway.stop();
  await noLongerListens();
  gate.emit('release');
  const text = await stream.text();
  expect(text).toContain(JSON.stringify({ id: 'first', payload: john }));
  expect(text).toContain('event: complete\ndata: {"id":"first"}');
  expect(text).not.toContain('event: complete\ndata: {"id":"feed"}');
  await stopped;
});
