import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { decode, encodeMap } from './msgpack.js';

const requestTypes = { call: 0x0a, auth: 0x07, ping: 0x40 } as const;
const keys = {
  type: 0x00,
  sync: 0x01,
  schema: 0x05,
  args: 0x21,
  fn: 0x22,
  user: 0x23,
  data: 0x30,
  error: 0x31,
} as const;

/** A request, as the fake received it. 64-bit integers in it are `bigint`s, maps are `Map`s. */
export interface FakeRequest {
  readonly type: number;
  readonly sync: number;
  readonly fn: string;
  readonly user: string;
  readonly args: readonly unknown[];
  /** The whole frame. */
  readonly bytes: Buffer;
}

/** One connection, seen from the node's side. */
export class FakePeer {
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Answers a call with one returned value. */
  reply(request: { sync: number }, value: unknown): void {
    this.socket.write(replyFrame(request.sync, value));
  }

  /** Answers a login or a ping. */
  accept(request: { sync: number }): void {
    this.socket.write(frame(0, request.sync, []));
  }

  /** Refuses a call or a login with one of Tarantool's error numbers. */
  fail(request: { sync: number }, number: number, message: string): void {
    this.socket.write(frame(0x8000 | number, request.sync, [[keys.error, message]]));
  }

  /** Sends whatever it is given, in pieces of `size` bytes that arrive one by one. */
  async sendInPieces(bytes: Buffer, size: number): Promise<void> {
    for (let offset = 0; offset < bytes.length; offset += size) {
      this.socket.write(bytes.subarray(offset, offset + size));
      // One turn of the event loop each, so that the other side sees them apart.
      await new Promise(setImmediate);
    }
  }
}

export function replyFrame(sync: number, value: unknown): Buffer {
  return frame(0, sync, [[keys.data, [value]]]);
}

/** A packet with its length in front, laid out as Tarantool does. */
export function frame(type: number, sync: number, body: Iterable<readonly [number, unknown]>): Buffer {
  const header = encodeMap([
    [keys.type, type],
    [keys.sync, BigInt(sync)],
    [keys.schema, 80],
  ]);
  return prefix(Buffer.concat([header, encodeMap(body)]));
}

export function prefix(packet: Buffer): Buffer {
  const length = Buffer.alloc(5, 0xce);
  length.writeUInt32BE(packet.length, 1);
  return Buffer.concat([length, packet]);
}

/** Its first 20 bytes are what a login is made of. */
const salt = Buffer.alloc(32, 7);

export const greeting = Buffer.from(
  `${'Tarantool 2.6.0 (Binary) 00000000-0000-0000-0000-000000000000'.padEnd(63)}\n` +
    `${salt.toString('base64').padEnd(63)}\n`,
);

const sha1 = (...parts: readonly (string | Buffer)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest();

/** What a login with `password` ends in: Tarantool's `chap-sha1`. */
function scramble(password: string): Buffer {
  const hashed = sha1(password);
  const mask = sha1(salt.subarray(0, 20), sha1(hashed));
  return Buffer.from(hashed.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

/** A node that speaks IPROTO on a real socket and does, at a test's wish, whatever a node may do or should not do. */
export class FakeTarantool {
  /** Said to each new connection; an empty buffer is silence. */
  greeting: Buffer = greeting;
  /** Answers calls. */
  onCall: (request: FakeRequest, peer: FakePeer) => void = (request, peer) => {
    peer.reply(request, { status: 'ok', args: request.args });
  };
  /** Answers logins: there is one user, `gateway`, whose password is `secret`. */
  onLogin: (request: FakeRequest, peer: FakePeer) => void = (request, peer) => {
    if (request.user !== 'gateway') peer.fail(request, 45, `User '${request.user}' is not found`);
    else if (!request.bytes.subarray(-20).equals(scramble('secret')))
      peer.fail(request, 47, 'Incorrect password supplied');
    else peer.accept(request);
  };
  onPing: (request: FakeRequest, peer: FakePeer) => void = (request, peer) => peer.accept(request);
  /** All calls since the start. */
  readonly calls: FakeRequest[] = [];
  readonly peers = new Set<FakePeer>();
  pings = 0;
  logins = 0;
  #frozen = false;
  #port = 0;
  readonly #server: Server;

  static async start(port = 0): Promise<FakeTarantool> {
    const fake = new FakeTarantool();
    fake.#server.listen(port, '127.0.0.1');
    await once(fake.#server, 'listening');
    const address = fake.#server.address();
    if (typeof address === 'object' && address !== null) fake.#port = address.port;
    return fake;
  }

  get port(): number {
    return this.#port;
  }

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  get openSockets(): number {
    return this.peers.size;
  }

  /** The connection that was made last. */
  get peer(): FakePeer {
    const last = [...this.peers].at(-1);
    if (last === undefined) throw new Error('Nobody is connected');
    return last;
  }

  /** As SIGSTOP does: connections are accepted by the system, and then nothing is read, written or closed. */
  freeze(): void {
    this.#frozen = true;
    for (const peer of this.peers) peer.socket.pause();
  }

  /** As SIGCONT does. */
  thaw(): void {
    this.#frozen = false;
    for (const peer of this.peers) peer.socket.resume();
  }

  /** As SIGKILL does: every connection is reset or closed, and new ones are refused. */
  async stop(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : null;
    this.#server.close();
    for (const peer of this.peers) peer.socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const peer = new FakePeer(socket);
    this.peers.add(peer);
    socket.on('close', () => this.peers.delete(peer));
    // A connection that is reset is what many tests are about.
    socket.on('error', () => {});
    if (this.#frozen) socket.pause();
    else socket.write(this.greeting);
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
        const end = 5 + rest.readUInt32BE(1);
        this.#handle(parseRequest(rest.subarray(0, end)), peer);
        rest = rest.subarray(end);
      }
    });
  }

  #handle(request: FakeRequest, peer: FakePeer): void {
    switch (request.type) {
      case requestTypes.auth:
        this.logins += 1;
        this.onLogin(request, peer);
        break;
      case requestTypes.ping:
        this.pings += 1;
        this.onPing(request, peer);
        break;
      case requestTypes.call:
        this.calls.push(request);
        this.onCall(request, peer);
        break;
      default:
        throw new TypeError(`The fake knows no request of type ${request.type}`);
    }
  }
}

function parseRequest(bytes: Buffer): FakeRequest {
  const header = decode(bytes, 5);
  const body = header.end < bytes.length ? decode(bytes, header.end).value : new Map();
  if (!(header.value instanceof Map) || !(body instanceof Map)) throw new TypeError('Not a request');
  return {
    type: Number(header.value.get(keys.type)),
    sync: Number(header.value.get(keys.sync)),
    fn: String(body.get(keys.fn)),
    user: String(body.get(keys.user)),
    args: Array.isArray(body.get(keys.args)) ? body.get(keys.args) : [],
    bytes,
  };
}
