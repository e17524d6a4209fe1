import TarantoolConnection from 'tarantool-driver';
import type { FramedSocket } from './connector.js';
import { packIntegers } from './integers.js';

/** A call that the driver gave up. */
export interface CallFailure {
  /** Has Tarantool's text, if Tarantool refused. */
  readonly error: Error;
  /** Tarantool's number, if Tarantool refused. */
  readonly errorNumber: number | null;
  /** False when not a byte of the request was, or ever will be, written. */
  readonly written: boolean;
}

/** What is left of the driver: it logs in, encodes requests and decodes replies. */
export interface Driver {
  /** Calls back later, once: with what the function returned first, or with a failure. Or never, if the node is silent. */
  call(
    fn: string,
    args: readonly unknown[],
    answered: { onResult: (value: unknown) => void; onFailure: (failure: CallFailure) => void },
  ): void;
  /** Makes the node send something, if it is alive. */
  ping(): void;
}

/**
 * Logs in over `socket`. One driver serves one connection and is dropped with it: its own reconnecting, its offline
 * queue, its reserve hosts and its retries are off, for each of these has one owner, and it is not here.
 */
export function openDriver(
  socket: FramedSocket,
  options: {
    user: string;
    /** Not empty, or the driver goes on as guest. */
    password: string;
    onReady: () => void;
    /** The login was refused. Then the connection ends. */
    onRefused: (failure: CallFailure) => void;
  },
): Driver {
  const connection = new TarantoolConnection({
    username: options.user,
    password: options.password,
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    reserveHosts: [],
    nonWritableHostPolicy: null,
  });
  connection.connector = {
    connect: (callback) => callback(null, socket),
    disconnect: () =>
      socket.destroy({ code: 'CONNECTION_LOST', message: 'The driver closed the connection' }),
  };
  // The only error it emits is a refused login: the socket keeps its own to itself.
  connection.on('error', (error: Error) => {
    options.onRefused({ error, errorNumber: socket.lastRequest?.errorNumber ?? null, written: true });
  });
  connection.connect().then(options.onReady, ignore);
  const pack = (integer: number) => connection.packInteger(integer);
  return {
    call: (fn, args, { onResult, onFailure }) => {
      const previousRequest = socket.lastRequest;
      // Encodes and writes at once, or never.
      const answer = connection.call(fn, ...args.map((arg) => packIntegers(arg, pack)));
      const request = socket.lastRequest === previousRequest ? null : socket.lastRequest;
      answer.then(
        (tuples) => onResult(firstResult(tuples)),
        (error: Error) =>
          onFailure({ error, errorNumber: request?.errorNumber ?? null, written: request !== null }),
      );
    },
    ping: () => void connection.ping().then(ignore, ignore),
  };
}

/** IPROTO_CALL_16 wraps each result of a function in a tuple of its own. */
function firstResult(tuples: unknown): unknown {
  const tuple: unknown = Array.isArray(tuples) ? tuples[0] : undefined;
  return Array.isArray(tuple) ? tuple[0] : undefined;
}

/** For outcomes that are told in another way: what ends a connection is told by its socket. */
function ignore(): void {}
