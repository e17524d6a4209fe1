/** The part of tarantool-driver 3.1.0 that we use; it comes without types. Options: README.md of the package. */
declare module 'tarantool-driver' {
  import type { EventEmitter } from 'node:events';

  namespace TarantoolConnection {
    interface Options {
      readonly username: string;
      readonly password: string;
      readonly lazyConnect: boolean;
      readonly retryStrategy: null;
      readonly enableOfflineQueue: boolean;
      readonly reserveHosts: readonly string[];
      readonly nonWritableHostPolicy: null;
    }

    /** What the driver asks of a socket. */
    interface DriverSocket {
      readonly writable: boolean;
      write(request: Buffer): void;
    }

    /** Not documented: where the driver gets its socket from (lib/connector.js). */
    interface Connector {
      connect(callback: (error: Error | null, socket: DriverSocket & EventEmitter) => void): void;
      disconnect(): void;
    }
  }

  class TarantoolConnection extends EventEmitter {
    constructor(options: TarantoolConnection.Options);
    connector: TarantoolConnection.Connector;
    /** Resolves after the login, rejects when the socket closes before. */
    connect(): Promise<void>;
    ping(): Promise<boolean>;
    /** Only for comparison: resolves with what IPROTO_CALL_16 gives, an array of tuples. */
    call(fn: string, ...args: readonly unknown[]): Promise<unknown>;
  }

  export = TarantoolConnection;
}
