import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openAcknowledged } from './raw-socket.js';

const secret = 'connect ECONNREFUSED gateway:hunter2@10.0.0.7:3301 at /srv/app/dist/node.js:7';
const masked = { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } };

let gateway: GatewayUnderTest;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.stop());

const queries = [
  '{ employee(id: 1) { id } }',
  '{ employees { nodes { id } } }',
  '{ topology { term } }',
  'mutation { removeEmployee(input: {id: 1}) { employee { id } } }',
];

/** Everything below the resolvers fails, with a text that no client may see. */
function breakEverything(): void {
  gateway.replicaSet.beforeCall = () => {
    throw new Error(secret);
  };
  Object.defineProperty(gateway.replicaSet, 'view', {
    get() {
      throw new Error(secret);
    },
  });
}

test.each(queries)('over HTTP, an internal text reaches the log and not the client: %s', async (query) => {
  breakEverything();
  const { body } = await gateway.post(query, {}, { 'x-request-id': 'trace-1' });
  expect(body.errors).toMatchObject([
    { ...masked, extensions: { ...masked.extensions, requestId: 'trace-1' } },
  ]);
  expect(JSON.stringify(body)).not.toMatch(/hunter2|ECONNREFUSED|\.js|stack/);
  expect(gateway.logged()).toContain('hunter2');
  expect(gateway.logged()).toContain('"requestId":"trace-1"');
});

test.each([...queries, 'subscription { leadershipChanged { term } }'])(
  'over WebSocket, an internal text reaches the log and not the client: %s',
  async (query) => {
    breakEverything();
    const socket = await openAcknowledged(gateway.socketUrl);
    socket.send({ id: '1', type: 'subscribe', payload: { query } });
    const message = await socket.next();
    const isResult = !query.startsWith('subscription');
    expect(message).toMatchObject(
      isResult ? { payload: { errors: [masked] } } : { type: 'error', payload: [masked] },
    );
    expect(JSON.stringify(message)).not.toMatch(/hunter2|ECONNREFUSED|\.js|stack/);
    expect(gateway.logged()).toContain('hunter2');
    const [, requestId] = /"requestId":"([\da-f-]{36}:1)"/.exec(gateway.logged()) ?? [];
    expect(JSON.stringify(message)).toContain(`"requestId":"${requestId}"`);
    socket.close();
  },
);

test('a probe that fails for an internal reason does not say which', async () => {
  breakEverything();
  const response = await fetch(`${gateway.url}/readyz`);
  expect(response.status).toBe(500);
  const requestId = response.headers.get('x-request-id');
  expect(await response.json()).toEqual({
    errors: [{ ...masked, extensions: { ...masked.extensions, requestId } }],
  });
  expect(gateway.logged()).toContain('hunter2');
});
