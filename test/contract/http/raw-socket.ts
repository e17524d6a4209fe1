import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';

/** A WebSocket that speaks frames and no protocol. Messages are kept from the first on, so none is missed. */
export interface RawSocket {
  send(message: object | string): void;
  /** The next message, parsed. Rejects when the socket closes first. */
  next(): Promise<unknown>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Resolves when the gateway has asked whether anybody is there; the answer is on its way then. */
  pinged(): Promise<void>;
  close(): void;
  /** Stops reading, as a client that hangs does; and goes on. */
  pause(): void;
  resume(): void;
}

export async function openSocket(
  url: string,
  { protocols = ['graphql-transport-ws'], ...options }: ClientOptions & { protocols?: string[] } = {},
): Promise<RawSocket> {
  const socket = new WebSocket(url, protocols, options);
  const messages: unknown[] = [];
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()));
    socket.emit('kept');
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const pinged = once(socket, 'ping');
  await once(socket, 'open');
  return {
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next() {
      if (messages.length === 0) {
        const end = closed.then(({ code, reason }) => {
          throw new Error(`The socket was closed with ${code} ${reason}`);
        });
        await Promise.race([once(socket, 'kept'), end]);
      }
      return messages.shift();
    },
    async pinged() {
      await pinged;
    },
    closed,
    close: () => socket.close(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

/** A socket whose connection is acknowledged. */
export async function openAcknowledged(url: string): Promise<RawSocket> {
  const socket = await openSocket(url);
  socket.send({ type: 'connection_init' });
  await socket.next();
  return socket;
}
