import type { ServerResponse } from 'node:http';
import { SocketTurn } from './socket-turn.js';

// As for WebSockets: below the 30 s or more after which proxies cut silent connections.
const pingIntervalMs = 12_000;

/**
 * One response as a stream of events, which a browser reads with `EventSource` or `fetch`
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 */
export class EventStream {
  /** Aborted when the stream is closed, by either side. */
  readonly closed: AbortSignal;
  readonly #response: ServerResponse;
  readonly #turn = new SocketTurn();

  private constructor(response: ServerResponse, closed: AbortSignal) {
    this.closed = closed;
    this.#response = response;
  }

  /** Sends the head of the response, with the headers that it has so far. Nobody else may write to it from here on. */
  static open(response: ServerResponse): EventStream {
    const closed = new AbortController();
    const stream = new EventStream(response, closed.signal);
    const heartbeat = setInterval(() => stream.#ping(), pingIntervalMs);
    // `end` was called, the client has gone away, or the connection was cut.
    response.once('close', () => {
      clearInterval(heartbeat);
      closed.abort();
    });
    // A peer that is gone is told by `close`.
    response.on('error', () => {});
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // The reverse proxy nginx would gather events otherwise.
      'x-accel-buffering': 'no',
      // The connection ends with the stream: a stop does not wait until its client is tired of it.
      connection: 'close',
    });
    stream.#ping();
    return stream;
  }

  /** Resolves when the next one may be sent: at once unless the reader is slow. */
  send(event: 'next' | 'complete', data: string | null): Promise<void> {
    return this.#write(`event: ${event}\ndata:${data === null ? '' : ` ${data}`}\n\n`);
  }

  end(): void {
    this.#response.end();
  }

  /** A comment. Some browsers take a response for open only when its first bytes have come. */
  #ping(): void {
    // Whoever has not read the last one does not need another.
    if (!this.#response.writableNeedDrain) void this.#write(':\n\n');
  }

  #write(text: string): Promise<void> {
    const response = this.#response;
    if (!response.writable || response.socket === null) return Promise.resolve();
    return this.#turn.send(response.socket, (onLeft) => response.write(text, onLeft));
  }
}
