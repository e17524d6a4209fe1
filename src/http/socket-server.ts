import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, type Server as Protocol } from 'graphql-ws';
import type { Logger } from 'pino';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { nobody } from '../access/identity.js';
import type { ErrorCode } from './error-codes.js';
import { isAskedForByOwnName } from './host-names.js';
import { keepAliveFrame, legacyProtocol, translateLegacy, type Wire } from './legacy-protocol.js';
import { OperationSignals } from './operation-signals.js';
import { isAllowedOrigin } from './origins.js';
import { requestIdOf } from './request-headers.js';
import { RefusedConnection, type SocketOrigin } from './socket-protocol.js';
import { SocketTurn } from './socket-turn.js';

export interface SocketServerOptions {
  readonly protocol: Protocol<SocketOrigin>;
  readonly path: string;
  readonly maxMessageBytes: number;
  readonly hostNames: 'loopback' | 'any';
  /** Of other pages that may open one. */
  readonly origins: ReadonlySet<string>;
  readonly logger: Logger;
  /** Told of every WebSocket whose client is not let in. */
  readonly onRefusal: (code: ErrorCode) => void;
}

const goingAway = 1001;
// Below the 30 s or more after which proxies cut silent connections; a peer that is gone is noticed within two.
const pingIntervalMs = 12_000;
// Some 5 ms of work. Then requests have their turn.
const pingsPerTurn = 200;

/** The WebSockets of one HTTP server: opened by upgrade, kept alive, closed together. */
export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #sockets: WebSocketServer;
  /** Those that have answered the last ping. */
  readonly #responsive = new WeakSet<WebSocket>();
  /** By the request that became one. */
  readonly #ids = new WeakMap<IncomingMessage, string>();
  readonly #signals = new WeakMap<WebSocket, OperationSignals>();
  #heartbeat: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(options: SocketServerOptions) {
    this.#options = options;
    const { maxMessageBytes: maxPayload } = options;
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload, handleProtocols: chooseProtocol });
    this.#sockets.on('headers', (headers, request) => headers.push(`x-request-id: ${this.#idOf(request)}`));
    this.#sockets.on('connection', (socket: WebSocket, request: IncomingMessage) =>
      this.#serve(socket, request),
    );
  }

  /** Takes over the upgrade requests of an HTTP server. */
  attach(server: HttpServer): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#heartbeat = setInterval(() => void this.#checkPeers(), pingIntervalMs);
  }

  /**
   * Closes every socket with 1001 once its queries and mutations are answered; it takes no further ones. Resolves when
   * all clients have closed theirs. Further upgrades are refused.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#heartbeat);
    await Promise.all([...this.#sockets.clients].map((socket) => this.#close(socket)));
  }

  /** Ends what has not answered. */
  terminate(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  async #close(socket: WebSocket): Promise<void> {
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    await this.#signals.get(socket)?.drain();
    // The library tells of the end of an operation right before it sends the word of it.
    await setImmediate();
    socket.close(goingAway, 'Going away');
    await closed;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = request.url?.split('?', 1)[0];
    if (path !== this.#options.path) refuse(socket, '404 Not Found');
    else if (this.#isStopping) refuse(socket, '503 Service Unavailable');
    else if (this.#options.hostNames === 'loopback' && !isAskedForByOwnName(request)) {
      refuse(socket, '403 Forbidden');
    } else if (!isAllowedOrigin(request.headers, this.#options.origins)) refuse(socket, '403 Forbidden');
    else {
      this.#sockets.handleUpgrade(request, socket, head, (opened) => {
        this.#sockets.emit('connection', opened, request);
      });
    }
  }

  #serve(socket: WebSocket, request: IncomingMessage): void {
    const { protocol, logger, onRefusal } = this.#options;
    const fail = (error: unknown): void => {
      if (error instanceof RefusedConnection) {
        onRefusal(error.code);
        void spoken.close(error.closeCode, error.message);
        return;
      }
      logger.error({ err: error }, 'A WebSocket message failed for a reason of our own');
      socket.close(CloseCode.InternalServerError, 'Internal server error');
    };
    this.#responsive.add(socket);
    socket.on('pong', () => this.#responsive.add(socket));
    // A broken frame or one too long: the library closes the socket with the code for it.
    socket.on('error', (error) => logger.debug({ err: error }, 'A WebSocket broke'));
    const signals = new OperationSignals();
    const gone = new AbortController();
    this.#signals.set(socket, signals);
    const turn = new SocketTurn();
    // A failure means that the socket is closing, which is told below.
    const send = (text: string): Promise<void> =>
      turn.send(request.socket, (onLeft) => socket.send(text, () => onLeft()));
    const plain: Wire = {
      send,
      sendResult: (id, result) => send(`{"id":${JSON.stringify(id)},"type":"next","payload":${result}}`),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) =>
        socket.on('message', (data) => {
          // What comes after our word that we are closing is not begun: nobody would hear how it ended.
          if (socket.readyState === socket.OPEN) void handle(textOf(data)).catch(fail);
        }),
    };
    const isLegacy = socket.protocol === legacyProtocol;
    const spoken = isLegacy ? translateLegacy(plain) : plain;
    const closed = protocol.opened(
      {
        ...spoken,
        protocol: isLegacy ? GRAPHQL_TRANSPORT_WS_PROTOCOL : socket.protocol,
        onMessage: (handle) =>
          spoken.onMessage((text) => {
            signals.hear(text);
            return handle(text);
          }),
      },
      {
        socketId: this.#idOf(request),
        transport: isLegacy ? 'graphql-ws' : 'graphql-transport-ws',
        signals,
        authorization: request.headers.authorization ?? null,
        address: request.socket.remoteAddress ?? '',
        traceContext: request.headers,
        identity: nobody,
        closed: gone.signal,
        sendResult: spoken.sendResult,
        close: (code, reason) => void spoken.close(code, reason),
      },
    );
    socket.once('close', (code, reason) => {
      gone.abort();
      signals.abortAll();
      void closed(code, String(reason)).catch(fail);
    });
  }

  /** Its own, or one of ours: with an operation's id behind it that of the operation. */
  #idOf(request: IncomingMessage): string {
    const known = this.#ids.get(request);
    if (known !== undefined) return known;
    const id = requestIdOf(request.headers);
    this.#ids.set(request, id);
    return id;
  }

  async #checkPeers(): Promise<void> {
    for (const [index, socket] of [...this.#sockets.clients].entries()) {
      if (index % pingsPerTurn === pingsPerTurn - 1) await setImmediate();
      // No pong since the last ping: the peer is gone, or reads nothing.
      if (!this.#responsive.delete(socket)) {
        socket.terminate();
        continue;
      }
      socket.ping();
      // Its clients look at frames only.
      if (socket.protocol === legacyProtocol) socket.send(keepAliveFrame);
    }
  }
}

function refuse(socket: Duplex, status: string): void {
  // Nobody else listens yet, and a peer may reset the connection before it has the answer.
  socket.once('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Our sockets hand out whole messages as one buffer. */
function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : '';
}

/** The older protocol is for those who know no other. Who offers neither is told so once the socket is open. */
function chooseProtocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL)) return GRAPHQL_TRANSPORT_WS_PROTOCOL;
  return offered.has(legacyProtocol) ? legacyProtocol : false;
}
