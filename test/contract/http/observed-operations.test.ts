import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InvalidTokenError } from '../../../src/access/errors.js';
import type { ObservedOperation, OperationObserver } from '../../../src/http/operation-record.js';
import { waitFor } from '../../../src/trial/wait-for.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openSocket } from './raw-socket.js';
import { transports, type Operation } from './transports.js';

/*
 * The last step of the pipeline: every operation is told of once, with the errors that its client got, on each transport.
 */

let told: string[] = [];
const observer: OperationObserver = {
  began: ({ transport }) => void told.push(`began over ${transport}`),
  admitted: (operation) => void told.push(`admitted ${nameOf(operation)}`),
  happened: (operation, codes) => void told.push(`event of ${nameOf(operation)} ${codes.join()}`.trim()),
  ended: (operation, { codes, durationMs }) => {
    expect(durationMs).toBeGreaterThanOrEqual(0);
    told.push(`ended ${nameOf(operation)} ${codes.join()}`.trim());
  },
  turnedAway: (code) => void told.push(`turned away ${code}`),
};

const nameOf = ({ definition, text }: ObservedOperation): string =>
  text === null ? 'without a text' : `${definition?.operation} ${definition?.name?.value}`;

let gateway: GatewayUnderTest;
beforeEach(async () => {
  told = [];
  gateway = await startGateway({ observer, rows: [[1, 'John Doe', 'Manager', 5000]] });
});
afterEach(() => gateway.stop());

const names = {
  http: 'http',
  socket: 'graphql-transport-ws',
  legacy: 'graphql-ws',
  streams: 'sse',
  oneStream: 'sse-single-connection',
} as const;

const table: readonly (Operation & { readonly expected: readonly string[] })[] = [
  { query: 'query A { employee(id: 1) { id } }', expected: ['admitted query A', 'ended query A'] },
  {
    query: 'mutation B { updateEmployee(input: {id: 2, salary: 1}) { bookmark } }',
    expected: ['admitted mutation B', 'ended mutation B EMPLOYEE_NOT_FOUND'],
  },
  {
    query: 'query C { one: employee(id: 0) { id } other: employee(id: 0) { id } }',
    expected: ['admitted query C', 'ended query C BAD_USER_INPUT,BAD_USER_INPUT'],
  },
  { query: '{', expected: ['ended undefined undefined GRAPHQL_PARSE_FAILED'] },
  {
    query: 'query D { employees(first: 200) { nodes { id } } } query E { __typename }',
    expected: ['ended undefined undefined OPERATION_RESOLUTION_FAILURE'],
  },
];

describe.each(transports)('over $name', ({ name, open }) => {
  test.each(table)('an operation is told of once: $query', async ({ expected, ...operation }) => {
    const transport = open(gateway);
    await transport.run(operation).catch(() => undefined);
    transport.dispose();
    await waitFor('it has ended', () => told.some((line) => line.startsWith('ended')));
    expect(told).toEqual([`began over ${names[name]}`, ...expected]);
  });

  test('one that its client gives up ends then', async () => {
    const gate = new EventEmitter();
    gateway.replicaSet.beforeCall = async () => void (await once(gate, 'open'));
    const transport = open(gateway);
    const { leave } = transport.listen({ query: 'query A { employee(id: 1) { id } }' });
    await waitFor('it waits', () => gateway.replicaSet.calls.length === 1);
    leave();
    await waitFor('the gateway has heard', () => gateway.replicaSet.calls[0]?.signal?.aborted === true);
    gate.emit('open');
    await waitFor('it has ended', () => told.length > 2);
    expect(told).toEqual([`began over ${names[name]}`, 'admitted query A', 'ended query A']);
    transport.dispose();
  });
});

describe.each(transports.filter(({ name }) => name !== 'http'))('over $name', ({ name, open }) => {
  test('a subscription tells of each event, and ends when its client leaves', async () => {
    const transport = open(gateway);
    const { results, leave } = transport.listen({ query: 'subscription S { leadershipChanged { term } }' });
    await waitFor('the first event has come', () => results.length === 1);
    gateway.replicaSet.loseLeader();
    await waitFor('the second event has come', () => results.length === 2);
    leave();
    await waitFor('it has ended', () => told.at(-1) === 'ended subscription S');
    expect(told).toEqual([
      `began over ${names[name]}`,
      'admitted subscription S',
      'event of subscription S',
      'event of subscription S',
      'ended subscription S',
    ]);
    transport.dispose();
  });
});

const knowNobody = () => {
  throw new InvalidTokenError('The token has expired');
};

test('whoever is turned away before there is an operation is told of by the code', async () => {
  await using guarded = await startGateway({ observer, authenticator: { identify: knowNobody } });
  await guarded.post('{ topology { term } }');
  for (const protocol of ['graphql-transport-ws', 'graphql-ws']) {
    const socket = await openSocket(guarded.socketUrl, { protocols: [protocol] });
    socket.send({ type: 'connection_init' });
    expect((await socket.closed).code).toBe(4403);
  }
  expect(told).toEqual(Array(3).fill('turned away UNAUTHENTICATED'));
  told = [];
  const post = (body: string, type = 'application/json') =>
    fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': type }, body });
  await post(' '.repeat(110_000));
  await post('{}', 'text/plain');
  await post('[]');
  await fetch(`${gateway.url}/nowhere`);
  expect(told).toEqual(
    ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'BAD_REQUEST'].map((code) => `turned away ${code}`),
  );
});

test('requests that Apollo Server answers are told of, too, those included that never become operations', async () => {
  const address = `${gateway.url}/graphql`;
  const query = encodeURIComponent('query A { employee(id: 0) { id } }');
  await fetch(`${address}?query=${query}`, { headers: { 'apollo-require-preflight': 'yes' } });
  const json = { 'content-type': 'application/json' };
  await fetch(address, { method: 'POST', headers: json, body: '"text"' });
  await waitFor('all have ended', () => told.length === 5);
  expect(told).toEqual([
    'began over http',
    'admitted query A',
    'ended query A BAD_USER_INPUT',
    'began over http',
    'ended without a text BAD_REQUEST',
  ]);
});
