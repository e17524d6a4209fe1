import { afterEach, beforeEach, expect, test } from 'vitest';
import { CancelledError } from '../../../src/replicaset/errors.js';
import { waitFor } from '../../../src/trial/wait-for.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openAcknowledged } from './raw-socket.js';

/*
 * A request that waits for a leader holds a place in a bounded buffer. The replica set is told when its client has gone
 * away, on every transport.
 */

let gateway: GatewayUnderTest;
beforeEach(async () => {
  gateway = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]] });
  // Waits as if nobody led, and says so when it is told that nobody wants the answer any more.
  gateway.replicaSet.beforeCall = ({ signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(new CancelledError('The client has gone away')));
    });
});
afterEach(() => gateway.stop());

const query = '{ employee(id: 1) { name } }';
const mutation = 'mutation { removeEmployee(input: { id: 1 }) { employee { id } } }';
const subscribe = (id: string) => ({ id, type: 'subscribe', payload: { query: mutation } });

const waiting = (count: number) =>
  waitFor(`${count} calls wait`, () => gateway.replicaSet.calls.length === count);
const goneCount = () => gateway.replicaSet.calls.filter(({ signal }) => signal?.aborted === true).length;

test.each([query, mutation])('over HTTP, by closing the connection: %s', async (text) => {
  const client = new AbortController();
  const answer = fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
    signal: client.signal,
  });
  await waiting(1);
  expect(goneCount()).toBe(0);
  client.abort();
  await expect(answer).rejects.toThrow('aborted');
  await waitFor('the call is told', () => goneCount() === 1);
  // It is no defect, and nobody is there to be told.
  expect(gateway.logged()).toBe('');
});

test('over a WebSocket, by completing one operation: the others go on', async () => {
  const socket = await openAcknowledged(gateway.socketUrl);
  socket.send(subscribe('1'));
  socket.send(subscribe('2'));
  await waiting(2);
  socket.send({ id: '1', type: 'complete' });
  await waitFor('the call is told', () => goneCount() === 1);
  expect(gateway.replicaSet.calls.map(({ signal }) => signal?.aborted)).toEqual([true, false]);
  socket.close();
});

test('over a WebSocket, by closing it', async () => {
  const socket = await openAcknowledged(gateway.socketUrl);
  socket.send(subscribe('1'));
  socket.send(subscribe('2'));
  await waiting(2);
  socket.close();
  await waitFor('both calls are told', () => goneCount() === 2);
});

test('An operation that was answered is not given up by a late word of its client', async () => {
  gateway.replicaSet.beforeCall = () => undefined;
  const socket = await openAcknowledged(gateway.socketUrl);
  socket.send(subscribe('1'));
  expect(await socket.next()).toMatchObject({ id: '1', type: 'next' });
  expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
  socket.send({ id: '1', type: 'complete' });
  socket.send(subscribe('2'));
  expect(await socket.next()).toMatchObject({ id: '2', type: 'next' });
  expect(goneCount()).toBe(0);
  socket.close();
});
