import { once } from 'node:events';
import { type Server, type Socket, createConnection, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LinkProxy, type LinkProxyOptions } from '../../../src/trial/link-proxy.js';
import { resetSocket } from '../../../src/trial/reset-socket.js';
import { waitFor } from '../../../src/trial/wait-for.js';
import { LeakDetector } from '../../support/leaks.js';

/** Long enough on loopback for what is going to come at all. */
const silenceMs = 100;

let server: Server;
let serverSockets: Socket[];
let proxy: LinkProxy;
const clients: Client[] = [];

/** All that a client has seen. */
class Client {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  ended: 'open' | 'end' | 'reset' = 'open';

  constructor(port: number) {
    this.socket = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true });
    this.socket.on('data', (bytes) => (this.received = Buffer.concat([this.received, bytes])));
    this.socket.on('end', () => (this.ended = 'end'));
    this.socket.on('error', () => (this.ended = 'reset'));
    clients.push(this);
  }

  get text(): string {
    return this.received.toString();
  }
}

async function setUp(options: Partial<LinkProxyOptions> = {}, serve?: (socket: Socket) => void) {
  serverSockets = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    serverSockets.push(socket);
    socket.on('error', () => undefined);
    if (serve === undefined) socket.pipe(socket);
    else serve(socket);
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = Object(server.address());
  const target = { host: '127.0.0.1', port: Number(address.port) };
  proxy = new LinkProxy({ from: 'a', to: 'b', target, port: 0, carries: 'bytes', ...options });
  await proxy.admit();
}

async function connect(): Promise<Client> {
  const client = new Client(proxy.port);
  await once(client.socket, 'connect');
  return client;
}

/** Sends a text and waits for its echo. */
async function exchange(client: Client, text: string): Promise<void> {
  const before = client.text;
  client.socket.write(text);
  await waitFor(`${text} comes back`, () => client.text === before + text);
}

afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  proxy.stop();
  for (const socket of serverSockets) socket.destroy();
  server.close();
});

describe('A link through a proxy', () => {
  beforeEach(() => setUp());

  test('carries bytes and closes both ways, and forgets the connection then', async () => {
    const client = await connect();
    await exchange(client, 'hello');
    client.socket.end('bye');
    await waitFor('the close comes back', () => client.ended === 'end');
    expect(client.text).toBe('hellobye');
    await waitFor('the connection is forgotten', () => proxy.connections === 0);
  });

  test('carries more than any buffer holds, to a receiver that takes its time', async () => {
    const client = await connect();
    client.socket.pause();
    const size = 8 * 1024 * 1024;
    client.socket.write(Buffer.alloc(size, 'x'));
    await delay(silenceMs);
    client.socket.resume();
    await waitFor('all has come back', () => client.received.length === size);
  });

  test('passes on a reset', async () => {
    const client = await connect();
    await exchange(client, 'hello');
    for (const socket of serverSockets) socket.resetAndDestroy();
    await waitFor('the client is reset', () => client.ended === 'reset');
  });

  test('that is cut holds everything, and lets it go on when it is healed: nothing is lost, nobody is told', async () => {
    const client = await connect();
    await exchange(client, 'before.');
    await proxy.hold('to', 'from');
    client.socket.write('during.');
    client.socket.end('last.');
    const late = await connect();
    late.socket.write('late');
    await delay(silenceMs);
    expect([client.text, client.ended, late.text, late.ended]).toEqual(['before.', 'open', '', 'open']);
    expect(serverSockets).toHaveLength(1);
    proxy.heal();
    await waitFor('all has come back', () => client.ended === 'end' && late.text === 'late');
    expect(client.text).toBe('before.during.last.');
  });

  test('that is cut one way lets the other pass', async () => {
    const client = await connect();
    await exchange(client, 'hello');
    await proxy.hold('from');
    const arrived: Buffer[] = [];
    serverSockets[0]?.on('data', (bytes: Buffer) => arrived.push(bytes));
    client.socket.write('one way');
    await waitFor('the server has it', () => Buffer.concat(arrived).toString() === 'one way');
    await delay(silenceMs);
    expect(client.text).toBe('hello');
    proxy.heal();
    await waitFor('the answer comes', () => client.text === 'helloone way');
  });

  test('hides while it is cut that the other side has gone, and tells when it is healed', async () => {
    const client = await connect();
    await exchange(client, 'hello');
    await proxy.hold('to', 'from');
    for (const socket of serverSockets) socket.resetAndDestroy();
    proxy.refuse();
    const late = await connect();
    await delay(silenceMs);
    expect([client.ended, late.ended]).toEqual(['open', 'open']);
    proxy.heal();
    await waitFor('both are reset', () => client.ended === 'reset' && late.ended === 'reset');
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('delays every byte by as much as was asked for, in order', async () => {
    const client = await connect();
    proxy.delay(silenceMs);
    const startedAt = performance.now();
    client.socket.write('first.');
    client.socket.write('second.');
    await waitFor('both come back', () => client.text === 'first.second.');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(2 * silenceMs - 1);
    proxy.heal();
    await exchange(client, 'at once');
  });

  test('to a process that is gone refuses, and carries again when it is back', async () => {
    const client = await connect();
    await exchange(client, 'hello');
    proxy.refuse();
    await waitFor('the client is reset', () => client.ended === 'reset');
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.admit();
    await exchange(await connect(), 'again');
  });

  test('leaves no socket behind, not even one that is reset while it is being closed', async () => {
    const client = await connect();
    await exchange(client, 'hello');
    const [socket] = serverSockets;
    socket?.end();
    if (socket !== undefined) resetSocket(socket);
    proxy.stop();
    client.socket.destroy();
    expect(await new LeakDetector().socketsLeft()).toBe(0);
  });

  test('refuses by itself when it finds that its target does', async () => {
    server.close();
    await once(server, 'close');
    const client = await connect();
    await waitFor('the client is reset', () => client.ended === 'reset');
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

/** A packet of Tarantool's protocol: its length, a header with type and number, and a body. */
function frame(sync: number, body: string): Buffer {
  const packet = Buffer.concat([Buffer.from([0x82, 0x00, 0x0a, 0x01, sync]), Buffer.from(body)]);
  const prefix = Buffer.alloc(5, 0xce);
  prefix.writeUInt32BE(packet.length, 1);
  return Buffer.concat([prefix, packet]);
}

describe('A link that carries Tarantool’s protocol', () => {
  const greeting = Buffer.alloc(128, 'g');
  let requests: Buffer;
  beforeEach(async () => {
    requests = Buffer.alloc(0);
    await setUp({ carries: 'iproto' }, (socket) => {
      socket.write(greeting);
      socket.on('data', (bytes) => (requests = Buffer.concat([requests, bytes])));
    });
  });

  test.each([0, 1, 7, 1_000])(
    'loses the answer to the chosen request after %i bytes, and nothing before it',
    async (afterBytes) => {
      const client = await connect();
      await waitFor('it is greeted', () => client.received.length === greeting.length);
      proxy.cutNextReply({ containing: 'write', afterBytes });
      const sent = [frame(1, 'read'), frame(2, 'write'), frame(3, 'write')];
      for (const request of sent) client.socket.write(request);
      await waitFor('the server has them', () => requests.equals(Buffer.concat(sent)));
      const [socket] = serverSockets;
      const answer = frame(2, 'written');
      // In one chunk with another one, cut apart where it hurts.
      socket?.write(Buffer.concat([frame(1, 'found'), answer.subarray(0, 8)]));
      await waitFor('the first answer comes', () => client.text.endsWith('found'));
      socket?.write(Buffer.concat([answer.subarray(8), frame(3, 'written too')]));
      // libuv calls a reset an end when it comes together with bytes.
      await waitFor('the connection is lost', () => client.ended !== 'open');
      const passed = answer.subarray(0, Math.min(afterBytes, answer.length - 1));
      expect(client.received).toEqual(Buffer.concat([greeting, frame(1, 'found'), passed]));
      expect(proxy.cutsDone).toBe(1);
    },
  );

  test('loses one answer only: the next connection is served', async () => {
    proxy.cutNextReply({ containing: 'write', afterBytes: 0 });
    for (const fate of ['reset', 'answered']) {
      const client = await connect();
      client.socket.write(frame(1, 'write'));
      await waitFor('the server has it', () => requests.length > 0);
      requests = Buffer.alloc(0);
      serverSockets.at(-1)?.write(frame(1, 'written'));
      await waitFor(`it is ${fate}`, () =>
        fate === 'reset' ? client.ended === 'reset' : client.text.endsWith('written'),
      );
    }
  });
});
