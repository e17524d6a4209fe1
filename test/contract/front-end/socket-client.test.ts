import { type Server, createServer } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { WebSocket, WebSocketServer } from 'ws';
import { waitFor } from '../../../src/trial/wait-for.js';
import { type SocketNews, createSocketClient } from '../../../web/socket-client.js';

/* The WebSocket of the pages, against a gateway that does all that one should not. */

/** One that nobody listens to fails without an exception, as those of browsers. */
class BrowserSocket extends WebSocket {
  constructor(address: string, protocol: string) {
    super(address, protocol);
    this.on('error', () => {});
  }
}

let http: Server;
let taken: readonly Socket[];
let sockets: WebSocketServer;
/** What a connection does once it is asked for events, by its number. */
let behave: (socket: WebSocket, connection: number) => void;
let connections: number;
/** Whether connections are taken and not answered, as by the kernel of a gateway that is frozen. */
let isSilent: boolean;
let news: readonly SocketNews[];
let url: string;
let refusals: string[];
/** What `connection_init` came with. */
let credentials: unknown[];
let client: ReturnType<typeof createSocketClient>;

beforeEach(async () => {
  vi.stubGlobal('WebSocket', BrowserSocket);
  connections = 0;
  refusals = [];
  credentials = [];
  isSilent = false;
  http = createServer();
  const all: Socket[] = [];
  taken = all;
  http.on('connection', (connection) => all.push(connection));
  sockets = new WebSocketServer({ noServer: true, handleProtocols: () => GRAPHQL_TRANSPORT_WS_PROTOCOL });
  http.on('upgrade', (request, socket, head) => {
    connections += 1;
    if (isSilent) return;
    const connection = connections;
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.on('message', (data: Buffer) => {
        const message: { type: string; id?: string; payload?: unknown } = JSON.parse(data.toString());
        if (message.type === 'connection_init') {
          credentials.push(message.payload);
          opened.send('{"type":"connection_ack"}');
        }
        if (message.type !== 'subscribe') return;
        const payload = { data: { connection } };
        opened.send(JSON.stringify({ id: message.id, type: 'next', payload }));
        behave(opened, connection);
      });
    });
  });
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port');
  url = `http://127.0.0.1:${address.port}/graphql`;
});
afterEach(async () => {
  await client.dispose();
  for (const connection of taken) connection.destroy();
  await new Promise((resolve) => http.close(resolve));
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const refused = (reason: string) => refusals.push(reason);

function open(): AsyncIterableIterator<unknown> {
  const told: SocketNews[] = [];
  news = told;
  client = createSocketClient({ url, token: 'some.token', tell: (each) => told.push(each), refused });
  return client.iterate({ query: 'subscription { connection }' });
}

test.each([1000, 1001, 1002, 1011, 1012, 4400, 4401, 4429, 4500])(
  'comes back, and asks again, after the gateway or a proxy has closed it with %s',
  async (code) => {
    behave = (socket, connection) => {
      if (connection === 1) socket.close(code, 'for some reason');
    };
    const events = open();
    expect(await events.next()).toMatchObject({ value: { data: { connection: 1 } } });
    expect(await events.next()).toMatchObject({ value: { data: { connection: 2 } } });
    expect(news).toEqual(['connected', 'lost', 'connected']);
  },
);

test('shows its token, and does not come back when the gateway takes it no more', async () => {
  behave = (socket) => socket.close(4403, 'The token has expired');
  const events = open();
  await events.next();
  await expect(events.next()).rejects.toMatchObject({ code: 4403 });
  expect(news).toEqual(['connected']);
  expect(refusals).toEqual(['The token has expired']);
  expect(credentials).toEqual([{ Authorization: 'Bearer some.token' }]);
});

test('comes back after its connection is reset', async () => {
  behave = (socket, connection) => {
    if (connection === 1) socket.terminate();
  };
  const events = open();
  await events.next();
  expect(await events.next()).toMatchObject({ value: { data: { connection: 2 } } });
  expect(news).toEqual(['connected', 'lost', 'connected']);
});

test('gives up a connection on which nothing is answered, and tries again until something is', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  isSilent = true;
  behave = () => {};
  const events = open();
  for (const seen of [1, 2, 3]) {
    await waitFor(`connection ${seen} is asked for`, async () => {
      await vi.advanceTimersByTimeAsync(100);
      return connections === seen;
    });
  }
  isSilent = false;
  const event = events.next();
  await waitFor('it is connected', async () => {
    await vi.advanceTimersByTimeAsync(100);
    return news.at(-1) === 'connected';
  });
  expect(await event).toMatchObject({ value: { data: { connection: connections } } });
  expect(news).toEqual(['lost', 'connected']);
});

test('gives up a connection that has gone silent', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  behave = () => {};
  const events = open();
  await events.next();
  // Neither a pong nor the end of the connection comes through any more.
  for (const socket of sockets.clients) socket.removeAllListeners('message');
  const next = events.next();
  await waitFor('it is connected anew', async () => {
    await vi.advanceTimersByTimeAsync(100);
    return connections === 2 && news.at(-1) === 'connected';
  });
  expect(await next).toMatchObject({ value: { data: { connection: 2 } } });
  expect(news).toEqual(['connected', 'lost', 'connected']);
});
