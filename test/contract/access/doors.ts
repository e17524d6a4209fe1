import type { GatewayUnderTest } from '../http/gateway-under-test.js';
import { openSocket } from '../http/raw-socket.js';

/** What somebody hears who is not let in, whatever the transport. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** A way into the gateway. */
export interface Door {
  readonly name: string;
  /** Resolves to why one is not let in, or null. `authorization` as in the header of that name; null for none. */
  readonly knock: (gateway: GatewayUnderTest, authorization: string | null) => Promise<Refusal | null>;
}

const query = '{ topology { term } }';
const headersOf = (authorization: string | null) => (authorization === null ? {} : { authorization });

async function refusalIn(response: Response): Promise<Refusal | null> {
  const text = await response.text();
  if (response.status === 200) return null;
  const { errors } = JSON.parse(text);
  const [{ message, extensions }] = errors;
  const { code, retryable } = extensions;
  const statuses = { UNAUTHENTICATED: 401, IDENTITY_UNAVAILABLE: 503 };
  if (Object.entries(statuses).every(([known, status]) => known !== code || status !== response.status)) {
    throw new Error(`${code} came with status ${response.status}`);
  }
  if ((retryable === true) !== (code === 'IDENTITY_UNAVAILABLE'))
    throw new Error(`retryable is ${retryable}`);
  return { code, message };
}

const closeCodes: Readonly<Record<number, string>> = {
  4403: 'UNAUTHENTICATED',
  1013: 'IDENTITY_UNAVAILABLE',
};

interface SocketKnock {
  readonly protocol: string;
  /** Where the token is. */
  readonly by: 'upgrade' | 'first message';
}

const socketDoor = ({ protocol, by }: SocketKnock): Door => ({
  name: `WebSocket ${protocol}, by ${by}`,
  async knock({ socketUrl }, authorization) {
    const credentials = headersOf(authorization);
    const socket = await openSocket(socketUrl, {
      protocols: [protocol],
      headers: by === 'upgrade' ? credentials : {},
    });
    socket.send({
      type: 'connection_init',
      payload: by === 'upgrade' ? {} : { Authorization: authorization },
    });
    let first: unknown = await socket.next().catch(() => null);
    if (isMessage(first) && first.type === 'connection_ack') {
      socket.close();
      await socket.closed;
      return null;
    }
    const { code, reason } = await socket.closed;
    return { code: closeCodes[code] ?? String(code), message: reason };
  },
});

const isMessage = (value: unknown): value is { readonly type: unknown } =>
  typeof value === 'object' && value !== null && 'type' in value;

/** Every way by which an operation comes in. */
export const doors: readonly Door[] = [
  {
    name: 'POST /graphql',
    knock: async ({ url }, authorization) =>
      refusalIn(
        await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headersOf(authorization) },
          body: JSON.stringify({ query }),
        }),
      ),
  },
  {
    name: 'GET /graphql',
    knock: async ({ url }, authorization) =>
      refusalIn(
        await fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, {
          headers: { 'apollo-require-preflight': 'true', ...headersOf(authorization) },
        }),
      ),
  },
  {
    name: 'an event stream',
    knock: async ({ url }, authorization) =>
      refusalIn(
        await fetch(`${url}/graphql/stream?query=${encodeURIComponent(query)}`, {
          headers: { accept: 'text/event-stream', ...headersOf(authorization) },
        }),
      ),
  },
  socketDoor({ protocol: 'graphql-transport-ws', by: 'first message' }),
  socketDoor({ protocol: 'graphql-transport-ws', by: 'upgrade' }),
  socketDoor({ protocol: 'graphql-ws', by: 'first message' }),
  socketDoor({ protocol: 'graphql-ws', by: 'upgrade' }),
];
