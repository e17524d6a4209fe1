import { randomUUID } from 'node:crypto';
import TarantoolConnection from 'tarantool-driver';
import { WholeReplies } from './whole-replies.js';

/** An employee as GraphQL has it. */
export interface Employee {
  readonly id: string;
  readonly name: string;
  readonly position: string;
  readonly salary: number;
}

/** Somebody to be added: the cluster gives the id. */
export type NewEmployee = Omit<Employee, 'id'>;

/** Rows as the database has them: id, name, position, salary. */
export type Row = readonly [id: number, name: string, position: string, salary: number];

/** Of a stored function. */
interface Reply {
  readonly status: string;
  readonly rows: readonly Row[];
  /** Where a page ended, if there may be more. */
  readonly scanned_to?: unknown;
}

/** As the gateway asks: the node must lead. */
const readOptions = { consistency: 'leader' };
/** As the gateway gives a write by default. */
const writeTimeoutMs = 10_000;

/** The stored functions that the gateway calls, over one connection to the leader, with nothing in between. */
export class Employees {
  readonly #connection: TarantoolConnection;
  readonly #socket: WholeReplies;

  private constructor(connection: TarantoolConnection, socket: WholeReplies) {
    this.#connection = connection;
    this.#socket = socket;
  }

  /** Connects to the node that the environment names: TARANTOOL_HOST, _PORT, _USER and _PASSWORD. */
  static async connect(): Promise<Employees> {
    const { TARANTOOL_HOST, TARANTOOL_PORT, TARANTOOL_USER, TARANTOOL_PASSWORD } = process.env;
    const connection = new TarantoolConnection({
      username: TARANTOOL_USER ?? '',
      password: TARANTOOL_PASSWORD ?? '',
      lazyConnect: true,
      retryStrategy: null,
      enableOfflineQueue: false,
      reserveHosts: [],
      nonWritableHostPolicy: null,
    });
    const socket = new WholeReplies({ host: TARANTOOL_HOST ?? '127.0.0.1', port: Number(TARANTOOL_PORT) });
    connection.connector = {
      connect: (callback) => callback(null, socket),
      disconnect: () => socket.destroy(),
    };
    await connection.connect();
    return new Employees(connection, socket);
  }

  /** Rows of those that exist. */
  async get(ids: readonly number[]): Promise<readonly Row[]> {
    return (await this.#call('employees.get', ids, readOptions)).rows;
  }

  /** The first rows in the order of their ids, behind `after`: a node that ends a call early is asked for the others. */
  async page(limit: number, after: unknown = null): Promise<readonly Row[]> {
    const walk = { order: 'id', descending: false, filter: {}, limit, after, is_continued: after !== null };
    const { rows, scanned_to: scannedTo = null } = await this.#call('employees.page', walk, readOptions);
    if (scannedTo === null || rows.length >= limit) return rows;
    return [...rows, ...(await this.page(limit - rows.length, scannedTo))];
  }

  async add({ name, position, salary }: NewEmployee): Promise<Row> {
    const {
      rows: [row],
    } = await this.#call('employees.write', {
      request_id: randomUUID(),
      deadline: Date.now() + writeTimeoutMs,
      operation: 'add',
      arguments: { rows: [[null, name, position, salary]] },
    });
    if (row === undefined) throw new Error('Nothing was added');
    return row;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #call(fn: string, ...args: readonly unknown[]): Promise<Reply> {
    // IPROTO_CALL_16 wraps each result of a function in a tuple of its own.
    const [[reply]]: [[Reply]] = Object(await this.#connection.call(fn, ...args));
    if (reply.status !== 'ok') throw new Error(`${fn} answers ${JSON.stringify(reply)}`);
    return reply;
  }
}

/** A row as GraphQL has it. */
export function toEmployee([id, name, position, salary]: Row): Employee {
  return { id: String(id), name, position, salary };
}
