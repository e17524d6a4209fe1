import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openAcknowledged } from './raw-socket.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const batch = [{ query: '{ topology { term } }' }, { query: '{ topology { term } }' }];
const accept = ['application/json', 'application/graphql-response+json', 'text/event-stream'];

test.each(['/graphql', '/graphql/stream'])(
  'several operations in one body are refused at %s',
  async (path) => {
    for (const body of [batch, []]) {
      const response = await fetch(gateway.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: accept.join() },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(400);
      const message = 'Operations are sent one at a time: the body must be a JSON object';
      expect(await response.json()).toEqual({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
    }
  },
);

test('several in one message are none of the protocol of WebSockets', async () => {
  for (const message of [batch, { id: '1', type: 'subscribe', payload: batch }]) {
    const socket = await openAcknowledged(gateway.socketUrl);
    socket.send(message);
    expect((await socket.closed).code).toBe(4400);
  }
});
