import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { FrameSplitter, readHeader } from '../../src/tarantool/frames.js';
import { decode, encodeMap } from './msgpack.js';

/** What a node answers: data, or the number of an error (Tarantool, src/box/errcode.h) and its text. */
export interface IprotoAnswer {
  readonly errorNumber: number | null;
  readonly message: string | null;
  readonly data: unknown;
}

/** ER_READONLY, ER_ACCESS_DENIED and ER_TOO_EARLY_SUBSCRIBE. */
export const readOnly = 7;
export const accessDenied = 42;
export const notJoined = 220;

/** Keys of a request's body. */
export const key = {
  type: 0x00,
  sync: 0x01,
  spaceId: 0x10,
  indexId: 0x11,
  limit: 0x12,
  offset: 0x13,
  iterator: 0x14,
  key: 0x20,
  tuple: 0x21,
  functionName: 0x22,
  userName: 0x23,
  instanceUuid: 0x24,
  replicasetUuid: 0x25,
  vclock: 0x26,
  expression: 0x27,
  operations: 0x28,
  data: 0x30,
  error: 0x31,
  sqlText: 0x40,
  sqlBind: 0x41,
  isAnonymous: 0x50,
} as const;

/** What a request may be. `call16` and those from `begin` on are used by no client here. */
export const type = {
  select: 1,
  insert: 2,
  replace: 3,
  update: 4,
  delete: 5,
  call16: 6,
  auth: 7,
  eval: 8,
  upsert: 9,
  call: 10,
  execute: 11,
  prepare: 13,
  join: 65,
  subscribe: 66,
  fetchSnapshot: 69,
  register: 70,
} as const;
const prefixLength = 5;

/**
 * A client that can send any request, also those that no client of ours sends: to see what a node refuses. Whoever
 * connects is `guest` until the login.
 */
export class IprotoClient {
  readonly #socket: Socket;
  readonly #splitter = new FrameSplitter();
  readonly #salt: Promise<Buffer>;
  readonly #waiting = new Map<number, (answer: IprotoAnswer) => void>();
  #greet: (salt: Buffer) => void = () => undefined;
  #greeted = false;
  #sync = 0;

  static async connect(address: { host: string; port: number }): Promise<IprotoClient> {
    const socket = connect(address);
    await once(socket, 'connect');
    return new IprotoClient(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#salt = new Promise((resolve) => (this.#greet = resolve));
    socket.on('data', (chunk: Buffer) => {
      for (const piece of this.#splitter.push(chunk)) this.#receive(piece);
    });
  }

  /** By chap-sha1: the password itself is never sent. */
  async login(user: string, password: string): Promise<void> {
    const step = sha1(password);
    const mask = sha1((await this.#salt).subarray(0, 20), sha1(step));
    const scramble = Buffer.from(step.map((byte, index) => byte ^ (mask[index] ?? 0)));
    const answer = await this.request(type.auth, [
      [key.userName, user],
      [key.tuple, ['chap-sha1', scramble]],
    ]);
    if (answer.errorNumber !== null) throw new Error(`${user} may not log in: ${answer.message}`);
  }

  call(fn: string, ...args: readonly unknown[]): Promise<IprotoAnswer> {
    return this.request(type.call, [
      [key.functionName, fn],
      [key.tuple, args],
    ]);
  }

  eval(expression: string): Promise<IprotoAnswer> {
    return this.request(type.eval, [
      [key.expression, expression],
      [key.tuple, []],
    ]);
  }

  execute(sql: string): Promise<IprotoAnswer> {
    return this.request(type.execute, [
      [key.sqlText, sql],
      [key.sqlBind, []],
    ]);
  }

  select(spaceId: number): Promise<IprotoAnswer> {
    return this.request(type.select, [
      [key.spaceId, spaceId],
      [key.indexId, 0],
      [key.limit, 10],
      [key.offset, 0],
      [key.iterator, 2],
      [key.key, []],
    ]);
  }

  insert(spaceId: number, tuple: readonly unknown[]): Promise<IprotoAnswer> {
    return this.request(type.insert, [
      [key.spaceId, spaceId],
      [key.tuple, tuple],
    ]);
  }

  delete(spaceId: number, keys: readonly unknown[]): Promise<IprotoAnswer> {
    return this.request(type.delete, [
      [key.spaceId, spaceId],
      [key.indexId, 0],
      [key.key, keys],
    ]);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Sends any request and resolves to the first packet that answers it. */
  async request(requestType: number, body: readonly (readonly [number, unknown])[]): Promise<IprotoAnswer> {
    await this.#salt;
    const sync = ++this.#sync;
    const header = encodeMap([
      [key.type, requestType],
      [key.sync, sync],
    ]);
    const packet = Buffer.concat([header, encodeMap(body)]);
    const prefix = Buffer.alloc(prefixLength, 0xce);
    prefix.writeUInt32BE(packet.length, 1);
    this.#socket.write(Buffer.concat([prefix, packet]));
    return new Promise((resolve) => this.#waiting.set(sync, resolve));
  }

  #receive(piece: Buffer): void {
    if (!this.#greeted) {
      this.#greeted = true;
      this.#greet(Buffer.from(piece.toString('latin1', 64, 108), 'base64'));
      return;
    }
    const { sync, errorNumber } = readHeader(piece);
    const { end } = decode(piece, prefixLength);
    const body: unknown = end < piece.length ? decode(piece, end).value : null;
    const fields = body instanceof Map ? body : new Map<unknown, unknown>();
    const message = fields.get(key.error);
    this.#waiting.get(sync)?.({
      errorNumber,
      message: typeof message === 'string' ? message : null,
      data: fields.get(key.data) ?? null,
    });
    this.#waiting.delete(sync);
  }
}

function sha1(...parts: readonly (Buffer | string)[]): Buffer {
  return parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest();
}
