import TarantoolConnection from 'tarantool-driver';
import type { FramedSocket } from './connector.js';

/** A login that was refused. */
export interface LoginRefusal {
  /** Has Tarantool's text. */
  readonly error: Error;
  /** Tarantool's number, if Tarantool refused. */
  readonly errorNumber: number | null;
}

/** What is left of the driver: it logs in, and pings. */
export interface Driver {
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
    onRefused: (refusal: LoginRefusal) => void;
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
    options.onRefused({ error, errorNumber: socket.driverErrorNumber });
  });
  connection.connect().then(options.onReady, ignore);
  return {
    ping: () => void connection.ping().then(ignore, ignore),
  };
}

/** For outcomes that are told in another way: what ends a connection is told by its socket. */
function ignore(): void {}
