import { EventEmitter, once } from 'node:events';
import { CloseCode, MessageType, type WebSocket as ProtocolSocket } from 'graphql-ws';
import type { SendResult } from './socket-protocol.js';

/*
 * The sub-protocol that GraphQL Playground speaks, and other clients that are older than 2021: `graphql-ws` by name, of
 * the library subscriptions-transport-ws. (The library graphql-ws speaks `graphql-transport-ws`.) Only frames are
 * translated here: what an operation may do, how it fails and how it ends is decided by the one server behind.
 *
 * | client sends           | becomes     |   | server sends     | becomes                      |
 * | ---------------------- | ----------- | - | ---------------- | ---------------------------- |
 * | `connection_init`      | the same    |   | `connection_ack` | the same, then `ka`          |
 * | `start`                | `subscribe` |   | `next`           | `data`                       |
 * | `stop`                 | `complete`  |   | `error`          | `error`, then `complete`     |
 * | `connection_terminate` | close, 1000 |   | `complete`       | the same                     |
 * |                        |             |   | close, 4403      | `connection_error`, then so  |
 *
 * https://github.com/apollographql/subscriptions-transport-ws/blob/v0.11.0/PROTOCOL.md
 */

export const legacyProtocol = 'graphql-ws';

/** To be sent now and then: clients give up a connection on which they hear nothing. */
export const keepAliveFrame = JSON.stringify({ type: 'ka' });

const normalClosure = 1000;
// One message of the largest size; before the acknowledgement nobody needs more.
const maxHeldCharacters = 100 * 1024;

interface Frame {
  readonly type: unknown;
  readonly id?: unknown;
  readonly payload?: unknown;
}

/** A socket as graphql-ws wants to see it, and a way around it for results that are JSON already. */
export interface Wire extends Omit<ProtocolSocket, 'protocol'> {
  readonly sendResult: SendResult;
}

/** A socket of the older protocol, as graphql-ws wants to see it. */
export function translateLegacy(socket: Wire): Wire {
  /** The operations that neither side has ended: by the client's id, and by the one that the server knows. */
  const serverIds = new Map<unknown, string>();
  const clientIds = new Map<unknown, unknown>();
  let started = 0;
  let heldCharacters = 0;
  let isAcknowledged = false;
  const gate = new EventEmitter();
  const acknowledged = once(gate, 'acknowledged');

  function forget(clientId: unknown): string | undefined {
    const serverId = serverIds.get(clientId);
    serverIds.delete(clientId);
    clientIds.delete(serverId);
    return serverId;
  }

  return {
    async send(text) {
      const frame = parseFrame(text);
      if (frame?.type === MessageType.ConnectionAck) {
        isAcknowledged = true;
        // Those who wait go on once both frames are on their way.
        const sent = Promise.all([socket.send(text), socket.send(keepAliveFrame)]);
        gate.emit('acknowledged');
        await sent;
        return undefined;
      }
      // The older protocol has neither ping nor pong; and what is said of an operation that the client has ended comes late.
      if (!clientIds.has(frame?.id)) return undefined;
      const id = clientIds.get(frame?.id);
      if (frame?.type === MessageType.Next) {
        return socket.send(dataFrame(id, JSON.stringify(frame.payload)));
      }
      forget(id);
      if (frame?.type === MessageType.Error) {
        await socket.send(JSON.stringify({ id, type: 'error', payload: singleError(frame.payload) }));
      }
      return socket.send(JSON.stringify({ id, type: 'complete' }));
    },
    async sendResult(serverId, result) {
      if (!clientIds.has(serverId)) return;
      await socket.send(dataFrame(clientIds.get(serverId), result));
    },
    async close(code, reason) {
      if (code === CloseCode.Forbidden) {
        await socket.send(JSON.stringify({ type: 'connection_error', payload: { message: reason } }));
      }
      return socket.close(code, reason);
    },
    onMessage(handle) {
      const hand = (frame: object) => handle(JSON.stringify(frame));

      async function stop(id: unknown): Promise<void> {
        const serverId = forget(id);
        if (serverId !== undefined) await hand({ type: MessageType.Complete, id: serverId });
      }

      async function start(id: string, payload: unknown): Promise<void> {
        // An id that is used again ends what had it before. The server gets another one, for its answer may be late.
        await stop(id);
        const serverId = String((started += 1));
        serverIds.set(id, serverId);
        clientIds.set(serverId, id);
        await hand({ type: MessageType.Subscribe, id: serverId, payload });
      }

      socket.onMessage(async (text) => {
        const { type, id, payload } = parseFrame(text) ?? {};
        if (type === MessageType.ConnectionInit) return hand({ type, payload });
        if (type === 'connection_terminate') return socket.close(normalClosure, 'Terminated');
        if ((type !== 'start' && type !== 'stop') || typeof id !== 'string' || id === '') {
          return socket.close(CloseCode.BadRequest, 'Invalid message received');
        }
        heldCharacters += text.length;
        // Playground sends its first `start` without waiting for the acknowledgement.
        if (!isAcknowledged && heldCharacters > maxHeldCharacters) {
          return socket.close(CloseCode.Unauthorized, 'Unauthorized');
        }
        await acknowledged;
        return type === 'start' ? start(id, payload) : stop(id);
      });
    },
  };
}

/** `result` is JSON. */
const dataFrame = (id: unknown, result: string): string =>
  `{"id":${JSON.stringify(id)},"type":"data","payload":${result}}`;

/** Null when it is no message of either protocol. */
function parseFrame(text: string): Frame | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'type' in value ? value : null;
  } catch {
    return null;
  }
}

/** The protocol has room for one error. Its own client looks for more of them in `errors`. */
function singleError(errors: unknown): unknown {
  if (!Array.isArray(errors)) return errors;
  const [first]: unknown[] = errors;
  return errors.length > 1 && typeof first === 'object' ? { ...first, errors } : first;
}
