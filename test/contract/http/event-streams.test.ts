import { connect } from 'node:net';
import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../../../src/trial/wait-for.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';

/* Server-sent events, byte by byte. transports.test.ts has the same with the protocol's own client. */

let gateway: GatewayUnderTest;
let url: string;
beforeEach(async () => {
  gateway = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]] });
  url = `${gateway.url}/graphql/stream`;
});
afterEach(() => gateway.stop());

const json = { 'content-type': 'application/json' };
const events = { accept: 'text/event-stream' };
const watch = 'subscription { leadershipChanged { kind } }';
const removal = 'mutation { removeEmployee(input: {id: 1}) { employee { id } } }';

const get = (query: string, headers: Record<string, string> = events) =>
  fetch(`${url}?query=${encodeURIComponent(query)}`, { headers });
const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });

async function reserve(): Promise<Record<string, string>> {
  const response = await fetch(url, { method: 'PUT' });
  expect(response.status).toBe(201);
  return { 'x-graphql-event-stream-token': await response.text() };
}

/** The stream as a text that grows. */
function read(response: Response): { readonly text: () => string; readonly ended: Promise<void> } {
  let text = '';
  const follow = async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  };
  return { text: () => text, ended: follow().catch(() => undefined) };
}

const eventsIn = (text: string): number => text.match(/^event: next$/gm)?.length ?? 0;

const codesOf = async (response: Response) => (await response.text()).match(/(?<="code":")\w+/g);

describe('a stream for each operation', () => {
  test('is the results, then the word that it is over', async () => {
    const response = await post({ query: '{ employee(id: 1) { name } }' }, events);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(response.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    expect(await response.text()).toBe(
      ':\n\nevent: next\ndata: {"data":{"employee":{"name":"John Doe"}}}\n\nevent: complete\ndata:\n\n',
    );
  });

  test('is opened by GET as well, as the EventSource of a browser does, but for mutations', async () => {
    const { text } = read(await get(watch));
    await waitFor('it begins', () => text().includes('"CURRENT"'));
    gateway.replicaSet.loseLeader();
    await waitFor('it goes on', () => text().includes('"LOST"'));
    const refused = await get(removal);
    expect([refused.status, await codesOf(refused)]).toEqual([405, ['METHOD_NOT_ALLOWED']]);
    expect(gateway.replicaSet.writes).toEqual([]);
  });

  test('takes the idempotency key from the header', async () => {
    await (await post({ query: removal }, { ...events, 'idempotency-key': 'mine' })).text();
    expect(JSON.stringify(gateway.replicaSet.writes)).toContain('"mine"');
  });

  test('ends with the gateway, and does not say that it is complete', async () => {
    const { text, ended } = read(await get(watch));
    await waitFor('it begins', () => text().includes('"CURRENT"'));
    await gateway.stop();
    await ended;
    expect(text()).not.toContain('complete');
  });

  test('of a query is answered although the gateway stops', async () => {
    const gate = new EventEmitter();
    gateway.replicaSet.beforeCall = async () => {
      await once(gate, 'release');
    };
    const { text, ended } = read(await post({ query: '{ employee(id: 1) { name } }' }, events));
    await waitFor('it waits', () => gateway.replicaSet.calls.length === 1);
    const stopped = gateway.stop();
    gate.emit('release');
    await ended;
    await stopped;
    expect(text()).toContain('John Doe');
    expect(text()).toContain('event: complete');
  });

  test('that is not read holds the newest event, not a backlog', async () => {
    const { hostname, port } = new URL(url);
    const copies = Array.from({ length: 300 }, (_, index) => `c${index}: leader { name uri version }`);
    const query = encodeURIComponent(`subscription { leadershipChanged { sequence ${copies.join(' ')} } }`);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.write(
      `GET /graphql/stream?query=${query} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`,
    );
    await waitFor('it begins', () => text.includes('"sequence":0'));
    socket.pause();
    const changes = 2_000;
    for (let change = 1; change <= changes; change += 1) {
      gateway.replicaSet.elect(change % 2 === 0 ? 'instance001' : 'instance002');
      // One turn of the event loop: a client that keeps up would be sent each of them.
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.resume();
    await waitFor('the newest has come', () => text.includes(`"sequence":${changes},`));
    expect(text.match(/"sequence"/g)?.length).toBeLessThan(changes / 2);
    socket.destroy();
    await waitFor('nobody listens', () => gateway.replicaSet.listenerCount === 0);
  });
});

const operation = (operationId: string, query: string) => ({ query, extensions: { operationId } });

describe('one stream for all operations', () => {
  test('is reserved, opened, and carries the results of each with its id', async () => {
    const token = await reserve();
    const { text } = read(await fetch(url, { headers: { ...events, ...token } }));
    expect((await post(operation('1', watch), token)).status).toBe(202);
    expect((await post(operation('2', '{ employee(id: 1) { name } }'), token)).status).toBe(202);
    await waitFor('both have come', () => text().includes('CURRENT') && text().includes('John Doe'));
    expect(text()).toContain(
      'event: next\ndata: {"id":"2","payload":{"data":{"employee":{"name":"John Doe"}}}}\n\nevent: complete\ndata: {"id":"2"}\n\n',
    );
    const ended = await fetch(`${url}?operationId=1`, { method: 'DELETE', headers: token });
    expect(ended.status).toBe(200);
    await waitFor('nobody listens', () => gateway.replicaSet.listenerCount === 0);
    expect(text()).not.toContain('event: complete\ndata: {"id":"1"}');
  });

  test('holds results back until it is opened', async () => {
    const token = await reserve();
    expect((await post(operation('1', '{ employee(id: 1) { name } }'), token)).status).toBe(202);
    const { text } = read(
      await fetch(`${url}?token=${token['x-graphql-event-stream-token']}`, { headers: events }),
    );
    await waitFor('it has come', () => text().includes('John Doe'));
  });

  test('is gone when it is not opened within 3 s, with the operations that wait for it', async () => {
    const token = await reserve();
    await post(operation('1', watch), token);
    expect(gateway.replicaSet.listenerCount).toBe(1);
    await waitFor('nobody listens', () => gateway.replicaSet.listenerCount === 0);
    const response = await fetch(url, { headers: { ...events, ...token } });
    expect([response.status, await codesOf(response)]).toEqual([404, ['NOT_FOUND']]);
  });

  test('is opened once, and an id serves one operation at a time', async () => {
    const token = await reserve();
    const { text } = read(await fetch(url, { headers: { ...events, ...token } }));
    expect((await fetch(url, { headers: { ...events, ...token } })).status).toBe(409);
    await post(operation('1', watch), token);
    await waitFor('it begins', () => text().includes('CURRENT'));
    expect((await post(operation('1', watch), token)).status).toBe(409);
    expect(gateway.replicaSet.listenerCount).toBe(1);
  });

  test('carries 100 operations at most', async () => {
    const token = await reserve();
    const { text } = read(await fetch(url, { headers: { ...events, ...token } }));
    for (let id = 1; id <= 101; id += 1) await post(operation(String(id), watch), token);
    await waitFor('all are answered', () => eventsIn(text()) === 101);
    expect(text().match(/OVERLOADED/g)).toHaveLength(1);
  });

  test('ends with its client, and all that it carries', async () => {
    const token = await reserve();
    const client = new AbortController();
    const { text } = read(await fetch(url, { headers: { ...events, ...token }, signal: client.signal }));
    await post(operation('1', watch), token);
    await post(operation('2', watch), token);
    await waitFor('both listen', () => eventsIn(text()) === 2);
    expect(gateway.replicaSet.listenerCount).toBe(1);
    client.abort();
    await waitFor('nobody listens', () => gateway.replicaSet.listenerCount === 0);
    expect((await post(operation('3', watch), token)).status).toBe(404);
  });

  test('runs no mutation by GET', async () => {
    const token = await reserve();
    const extensions = encodeURIComponent('{"operationId":"1"}');
    const response = await fetch(`${url}?query=${encodeURIComponent(removal)}&extensions=${extensions}`, {
      headers: token,
    });
    expect(response.status).toBe(405);
    expect(gateway.replicaSet.writes).toEqual([]);
  });
});

describe('a request is refused', () => {
  test.each<[string, RequestInit & { query?: string }, number, string]>([
    ['that accepts no event stream', {}, 406, 'BAD_REQUEST'],
    ['without a query', { headers: events }, 400, 'BAD_REQUEST'],
    [
      'with variables that are not JSON',
      { headers: events, query: '?query={a}&variables=x' },
      400,
      'BAD_REQUEST',
    ],
    [
      'with a form for a body',
      { method: 'POST', headers: events, body: new URLSearchParams('query={a}') },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'with more than 100 kB',
      { method: 'POST', headers: { ...events, ...json }, body: `{"query":"${' '.repeat(102_400)}"}` },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'with a token that nobody was given',
      { headers: { ...events, 'x-graphql-event-stream-token': 'x' } },
      404,
      'NOT_FOUND',
    ],
    ['by another method', { method: 'PATCH' }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'of a page from elsewhere',
      { headers: { ...events, origin: 'https://example.com' }, query: '?query={__typename}' },
      403,
      'FORBIDDEN',
    ],
    [
      'of a link from elsewhere',
      { headers: { ...events, 'sec-fetch-site': 'cross-site' }, query: '?query={__typename}' },
      403,
      'FORBIDDEN',
    ],
  ])('%s', async (_name, { query = '', ...init }, status, code) => {
    const response = await fetch(url + query, init);
    expect([response.status, await codesOf(response)]).toEqual([status, [code]]);
  });
});
