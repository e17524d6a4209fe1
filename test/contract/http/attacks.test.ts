import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openAcknowledged } from './raw-socket.js';

/* Clients that keep to no protocol, or to one only until it hurts. Whatever they do, somebody else is served beside them. */

let gateway: GatewayUnderTest;
const opened: Socket[] = [];
beforeEach(async () => {
  gateway = await startGateway({
    rows: [[1, 'John Doe', 'Manager', 5000]],
    settings: { stopTimeoutMs: 500 },
  });
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  await gateway.stop();
});

async function expectOthersAreServed(): Promise<void> {
  const { body } = await gateway.post('{ employee(id: 1) { name } }');
  expect(body).toEqual({ data: { employee: { name: 'John Doe' } } });
}

/** A connection that says what it is told to. */
async function openRaw(text: string | Buffer = ''): Promise<Socket> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  opened.push(socket);
  // How it ends is for each test to say.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const openMany = (count: number, text: string): Promise<readonly Socket[]> =>
  Promise.all(Array.from({ length: count }, () => openRaw(text)));

const upgrade = [
  'GET /graphql HTTP/1.1',
  'host: 127.0.0.1',
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
  'sec-websocket-protocol: graphql-transport-ws',
  '\r\n',
].join('\r\n');

describe('connections', () => {
  test.each([
    ['say nothing', ''],
    ['never end their head', 'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: b'],
    [
      'never end their body',
      'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 90000\r\n\r\n{"query":',
    ],
    ['never begin on their WebSocket', upgrade],
  ])('that %s, 300 of them, keep nobody from being served', async (_, text) => {
    const sockets = await openMany(300, text);
    for (const socket of sockets) if (text !== '') socket.write('a');
    for (let time = 0; time < 20; time++) await expectOthersAreServed();
  });

  test.each([
    ['no HTTP', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])],
    ['a head of 100 kB', `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: ${'b'.repeat(100_000)}\r\n\r\n`],
    [
      'two lengths',
      'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    ],
    ['a frame without a mask', upgrade, [0x81, 0x02, 0x7b, 0x7d]],
    ['a reserved opcode', upgrade, [0x83, 0x80, 0, 0, 0, 0]],
    ['reserved bits', upgrade, [0xf1, 0x80, 0, 0, 0, 0]],
    ['a frame of 2^62 bytes', upgrade, [0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a text that is not UTF-8', upgrade, [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]],
    ['a continuation of nothing', upgrade, [0x80, 0x80, 0, 0, 0, 0]],
    ['a ping that is too long', upgrade, [0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0]],
  ])('that send %s are ended', async (_, text, frame: readonly number[] = []) => {
    const socket = await openRaw(text);
    const ended = once(socket, 'close');
    if (frame.length > 0) {
      await once(socket, 'data');
      socket.write(Buffer.from(frame));
    }
    socket.resume();
    await ended;
    await expectOthersAreServed();
  });
});

const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

describe('bodies', () => {
  test.each([
    ['a list of lists', nested(40_000, '[', ']'), 400],
    ['an object of objects', `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`, 400],
    ['variables that are deep', `{"query":"{ __typename }","variables":${nested(40_000, '[', ']')}}`, 400],
    [
      'a variable that is deep',
      `{"query":"query ($a: Int) { employees(first: $a) { totalCount } }","variables":{"a":${nested(40_000, '[', ']')}}}`,
      200,
    ],
    [
      'extensions that are deep',
      `{"query":"{ __typename }","extensions":{"a":${nested(40_000, '[', ']')}}}`,
      200,
    ],
    ['half of a JSON text', '{"query":"{ __typename }"', 400],
    ['keys of prototypes', '{"query":"{ __typename }","__proto__":{"a":1}}', 400],
  ])('of %s are answered', async (_, body, status) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toBeTypeOf('object');
    expect(gateway.logged()).not.toMatch(/a reason of our own/);
    await expectOthersAreServed();
  });
});

test('1,000 subscribers that read nothing cost memory once, not with every event', async () => {
  const query = 'subscription { leadershipChanged { sequence kind term leader { name uri version } } }';
  const script = fileURLToPath(new URL('../../support/stalled-subscribers.mjs', import.meta.url));
  const subscribers = spawn(process.execPath, [script, gateway.socketUrl, query, '1000']);
  try {
    await once(subscribers.stdout, 'data');
    const listener = await openAcknowledged(gateway.socketUrl);
    listener.send({ id: '1', type: 'subscribe', payload: { query } });
    await listener.next();
    await changeLeaders(20, listener);
    const before = heapInUse();
    await changeLeaders(60, listener);
    // What they would have been sent is some 15 MB.
    expect(heapInUse() - before).toBeLessThan(5_000_000);
    await expectOthersAreServed();
  } finally {
    subscribers.stdin.end();
  }
});

/** One change of leadership after another, each heard of by somebody who listens. */
async function changeLeaders(
  count: number,
  listener: Awaited<ReturnType<typeof openAcknowledged>>,
): Promise<void> {
  for (let change = 0; change < count; change++) {
    gateway.replicaSet.elect(change % 2 === 0 ? 'instance002' : 'instance001');
    await listener.next();
    await nextTurn();
  }
}

/** Bytes that are in use after a collection of garbage. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
