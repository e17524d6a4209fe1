import { connect } from 'node:net';
import { EventEmitter, once } from 'node:events';
import { auditServer } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pino } from 'pino';
import { systemClock } from '../../../src/clock.js';
import { createHttpServer } from '../../../src/http/server.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]] });
});
afterAll(() => gateway.stop());

const json = { 'content-type': 'application/json' };
const codesOf = (body: unknown) => JSON.stringify(body).match(/(?<="code":")\w+/g);

async function requestIdFor(headers: Record<string, string>): Promise<string | null> {
  const response = await gateway.post('{ __typename }', {}, headers);
  return response.headers.get('x-request-id');
}

/** Holds up the next calls: `reached` resolves when there is one, `release` lets them go. */
function holdUp({ replicaSet }: GatewayUnderTest): { reached: Promise<unknown>; release: () => void } {
  const gate = new EventEmitter();
  replicaSet.beforeCall = async () => {
    gate.emit('reached');
    await once(gate, 'release');
  };
  return { reached: once(gate, 'reached'), release: () => gate.emit('release') };
}

describe('GraphQL over HTTP', () => {
  test('passes the audit of graphql-http: no error, no warning, and no notice but on GETs without a preflight', async () => {
    const results = await auditServer({ url: `${gateway.url}/graphql` });
    const failed = results.filter(({ status }) => status !== 'ok').map(({ id, status }) => `${status} ${id}`);
    expect(failed).toEqual(['notice 5A70', 'notice D6D5', 'notice 6A70']);
    expect(results.length).toBeGreaterThan(60);
  });

  test('serves a query by GET to who shows that no browser form sent it', async () => {
    const url = `${gateway.url}/graphql?query=${encodeURIComponent('{ employee(id: 1) { name } }')}`;
    const refused = await fetch(url);
    expect([refused.status, codesOf(await refused.json())]).toEqual([400, ['BAD_REQUEST']]);
    const response = await fetch(url, { headers: { 'apollo-require-preflight': 'true' } });
    expect(await response.json()).toEqual({ data: { employee: { name: 'John Doe' } } });
  });

  test.each([
    'subscription { leadershipChanged { term } }',
    'query A { topology { term } } subscription B { topologyChanged { term } }',
  ])('refuses a subscription with 405: %s', async (query) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ query, operationName: query.includes('B') ? 'B' : undefined }),
    });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
    const body = await response.json();
    expect(body).not.toHaveProperty('data');
    expect(codesOf(body)).toEqual(['METHOD_NOT_ALLOWED']);
  });

  test('refuses a mutation by GET with 405, and applies nothing', async () => {
    const query = encodeURIComponent('mutation { removeEmployee(input: {id: 1}) { employee { id } } }');
    const response = await fetch(`${gateway.url}/graphql?query=${query}`, {
      headers: { 'apollo-require-preflight': 'true' },
    });
    expect(response.status).toBe(405);
    expect(gateway.replicaSet.writes).toEqual([]);
  });

  test.each<[string, string, RequestInit, number, string]>([
    ['a body that is not JSON', '/graphql', { method: 'POST', headers: json, body: '{' }, 400, 'BAD_REQUEST'],
    ['an empty body', '/graphql', { method: 'POST', headers: json, body: '' }, 400, 'BAD_REQUEST'],
    [
      'a body without a query',
      '/graphql',
      { method: 'POST', headers: json, body: '{"a":1}' },
      400,
      'BAD_REQUEST',
    ],
    [
      'a text',
      '/graphql',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a form',
      '/graphql',
      { method: 'POST', body: new URLSearchParams({ query: '{__typename}' }) },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'more than 100 kB',
      '/graphql',
      { method: 'POST', headers: json, body: JSON.stringify({ query: ' '.repeat(102_400) }) },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    ['another method', '/graphql', { method: 'PUT', headers: json, body: '{}' }, 405, 'METHOD_NOT_ALLOWED'],
    ['another URL', '/other', {}, 404, 'NOT_FOUND'],
  ])('answers %s in the shape of GraphQL', async (_name, path, init, status, code) => {
    const response = await fetch(gateway.url + path, init);
    const body = await response.json();
    expect([response.status, codesOf(body)]).toEqual([status, [code]]);
    expect(body).toEqual({ errors: [{ message: expect.any(String), extensions: { code } }] });
  });

  test('refuses a document of more than 10,000 tokens', async () => {
    const { body } = await gateway.post(`{ ${'topology { term } '.repeat(2600)} }`);
    expect(codesOf(body)).toEqual(['LIMIT_EXCEEDED']);
  });

  test.each([
    ['query A { topology { term } } query B { topology { term } }', 'OPERATION_RESOLUTION_FAILURE'],
    ['{ topology { salary } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{', 'GRAPHQL_PARSE_FAILED'],
  ])('names what is wrong with %s', async (query, code) => {
    expect(codesOf((await gateway.post(query)).body)).toEqual([code]);
  });

  test.each([
    ['*/*', 1, 200],
    ['application/json;q=0.9', 1, 200],
    ['application/graphql-response+json', 1, 400],
    // More than are looked at: the last error is that there are more.
    ['*/*', 60, 400],
    ['application/json;q=0.9', 60, 400],
    ['application/graphql-response+json', 60, 400],
  ])('answers who accepts %s and gives %i bad variables with %i', async (accept, count, status) => {
    const names = Array.from({ length: count }, (_, index) => `v${index}`);
    const declared = names.map((name) => `$${name}: Int!`).join(' ');
    const pages = names.map((name) => `${name}: employees(first: $${name}) { totalCount }`).join(' ');
    const response = await gateway.post(`query (${declared}) { ${pages} }`, {}, { accept });
    expect(response.status).toBe(status);
    expect(Object.keys(response.body)).toEqual(['errors']);
  });

  test('gives each request an id, its own if that is fit for a log', async () => {
    expect(await requestIdFor({})).toMatch(/^[\da-f-]{36}$/);
    expect(await requestIdFor({ 'x-request-id': 'trace:1.a_b-c' })).toBe('trace:1.a_b-c');
    expect(await requestIdFor({ 'x-request-id': 'a b' })).not.toBe('a b');
  });

  test('shows its schema, unless it was told not to', async () => {
    const query = '{ __schema { queryType { name } } }';
    expect((await gateway.post(query)).body).toEqual({
      data: { __schema: { queryType: { name: 'Query' } } },
    });
    await using secretive = await startGateway({ settings: { introspection: false } });
    expect(codesOf((await secretive.post(query)).body)).toContain('GRAPHQL_VALIDATION_FAILED');
  });
});

describe('the server', () => {
  test('cannot listen where another does, says so, and leaves nothing behind', async () => {
    const port = Number(new URL(gateway.url).port);
    await expect(startGateway({ settings: { port } })).rejects.toMatchObject({
      name: 'ListenError',
      message: `Cannot listen on 127.0.0.1:${port}: the port is in use: stop what uses it, or set PORT to another`,
      cause: { code: 'EADDRINUSE' },
    });
  });

  test('may be stopped before it was started, and any number of times', async () => {
    const server = createHttpServer({
      replicaSet: gateway.replicaSet,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      settings: { host: '127.0.0.1', port: 0, requestTimeoutMs: 1_000 },
    });
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
  });

  test('lets a request in flight end when it stops, and takes no new one', async () => {
    const stopping = await startGateway({ rows: [[1, 'John Doe', 'Manager', 5000]] });
    const { reached, release } = holdUp(stopping);
    const answer = stopping.post('{ employee(id: 1) { name } }');
    await reached;
    const stopped = stopping.stop();
    await expect(fetch(`${stopping.url}/livez`)).rejects.toThrow('fetch failed');
    release();
    expect((await answer).body).toEqual({ data: { employee: { name: 'John Doe' } } });
    await stopped;
  });

  test('does not wait longer than it was told for a request that never ends', async () => {
    const stopping = await startGateway({ settings: { stopTimeoutMs: 50 } });
    const { reached } = holdUp(stopping);
    const answer = stopping.post('{ employee(id: 1) { name } }');
    const failed = expect(answer).rejects.toThrow('fetch failed');
    await reached;
    await stopping.stop();
    await failed;
  });

  test('survives a client that breaks off in the middle of a request', async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"q',
    );
    socket.destroy();
    expect((await gateway.post('{ topology { term } }')).body).toEqual({ data: { topology: { term: 1 } } });
  });
});
