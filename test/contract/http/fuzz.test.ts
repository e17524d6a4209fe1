import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorCodes } from '../../../src/http/error-codes.js';
import { type HostileOperation, hostileOperations } from '../../support/hostile-operations.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openSocket, type RawSocket } from './raw-socket.js';
import { openSharedStream } from './shared-stream-reader.js';

/*
 * Generated operations, valid, nearly valid and garbage, over each transport, with somebody ordinary beside them. Each gets
 * an answer of the form that the transport promises, with a code that is documented and nothing of our insides; nothing is
 * taken for a defect of ours, and the ordinary client is served all the while. FUZZ_OPERATIONS and FUZZ_SEED try others.
 */

const count = Number(process.env['FUZZ_OPERATIONS'] ?? 500);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_128);
const usersAtOnce = 8;

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({
    rows: [
      [1, 'John Doe', 'Manager', 5000],
      [2, 'Jane Smith', 'Developer', 4000],
      // Nobody else asks for this one.
      [77, 'Ada', 'Engineer', 6000],
    ],
  });
});
afterAll(() => gateway.stop());

const insides = /node_modules|\.[jt]s:\d|\bat [\w.<>]+ \(|\/src\/|\/dist\/|employees\.(?:page|get|write)/;

function checkAnswer(answer: unknown): void {
  expect(answer).toBeTypeOf('object');
  const { data, errors } = Object(answer);
  if (errors === undefined) {
    expect(data).toBeTypeOf('object');
    return;
  }
  checkErrors(errors);
}

function checkErrors(errors: unknown): void {
  if (!Array.isArray(errors) || errors.length === 0) throw new Error(`Not errors: ${JSON.stringify(errors)}`);
  for (const { message, extensions } of errors) {
    expect(message).toBeTypeOf('string');
    expect(Object.keys(errorCodes)).toContain(extensions.code);
    expect(extensions.code).not.toBe('INTERNAL_SERVER_ERROR');
    expect(message).not.toMatch(insides);
  }
}

/** One user's way of sending an operation and checking what comes back. */
interface User {
  send(operation: HostileOperation): Promise<void>;
  leave(): void;
}

const json = { 'content-type': 'application/json' };

/** By POST, to a path; `check` looks at a response of status 200. */
const poster =
  (path: string, headers: Readonly<Record<string, string>>, check: (text: string) => void) => (): User => ({
    async send(operation) {
      const response = await fetch(gateway.url + path, {
        method: 'POST',
        headers: { ...json, ...headers },
        body: JSON.stringify(operation),
      });
      const text = await response.text();
      if (response.status === 200) check(text);
      else {
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
        checkAnswer(JSON.parse(text));
      }
    },
    leave: () => undefined,
  });

/** A stream of its own for each operation. */
function checkEvents(text: string): void {
  const events = text.split('\n\n').flatMap((event) => /^event: next\ndata: (.*)$/m.exec(event)?.[1] ?? []);
  for (const event of events) checkAnswer(JSON.parse(event));
  expect(text).toMatch(/event: complete/);
}

/** Over one WebSocket after another: what is no message of the protocol ends it, with a code that says so. */
function socketUser(
  protocol: 'graphql-transport-ws' | 'graphql-ws',
  begin: string,
  results: readonly string[],
) {
  return (): User => {
    let socket: RawSocket | null = null;
    let next = 0;
    async function connected(): Promise<RawSocket> {
      if (socket !== null) return socket;
      socket = await openSocket(gateway.socketUrl, { protocols: [protocol] });
      socket.send({ type: 'connection_init' });
      // The older protocol says that it is alive whenever it likes.
      let answer = await socket.next();
      while (Object(answer).type === 'ka') answer = await socket.next();
      expect(answer).toEqual({ type: 'connection_ack' });
      return socket;
    }
    return {
      async send(payload) {
        const open = await connected();
        const id = `${next++}`;
        open.send({ type: begin, id, payload });
        try {
          for (;;) {
            const message = Object(await open.next());
            if (message.type === 'ping' || message.type === 'ka') continue;
            // The older protocol completes an operation that failed, too.
            if (message.type === 'complete' && message.id !== id) continue;
            expect(message.id).toBe(id);
            if (message.type === 'complete') return;
            if (message.type === 'error') {
              checkErrors([message.payload].flat());
              return;
            }
            expect(results).toContain(message.type);
            checkAnswer(message.payload);
          }
        } catch (error) {
          if (!(error instanceof Error) || !/The socket was closed/.test(error.message)) throw error;
          expect((await open.closed).code).toBe(4400);
          socket = null;
        }
      },
      leave: () => socket?.close(),
    };
  };
}

/** One stream for all operations. Those whose id cannot be told are refused at once. */
function sharedStreamUser(): User {
  const url = `${gateway.url}/graphql/stream`;
  const stream = openSharedStream(url);
  let next = 0;
  return {
    async send(operation) {
      const opened = await stream;
      const operationId = `${next++}`;
      const extensions = withOperationId(operation.extensions, operationId);
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...json, ...opened.headers },
        body: JSON.stringify({ ...operation, extensions }),
      });
      const text = await response.text();
      if (response.status !== 202) {
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
        checkAnswer(JSON.parse(text));
        return;
      }
      for (;;) {
        const { event, payload } = await opened.next(operationId);
        if (event === 'complete') return;
        expect(event).toBe('next');
        checkAnswer(payload);
      }
    },
    leave: () => void stream.then((opened) => opened.close()),
  };
}

const withOperationId = (extensions: unknown, operationId: string): unknown =>
  extensions === undefined || (typeof extensions === 'object' && !Array.isArray(extensions))
    ? { ...extensions, operationId }
    : extensions;

const ways: Readonly<Record<string, () => User>> = {
  'a plain POST': poster('/graphql', {}, (text) => checkAnswer(JSON.parse(text))),
  'a POST that negotiates': poster(
    '/graphql',
    { accept: 'application/graphql-response+json, application/json;q=0.9' },
    (text) => checkAnswer(JSON.parse(text)),
  ),
  'graphql-transport-ws': socketUser('graphql-transport-ws', 'subscribe', ['next']),
  'the older graphql-ws': socketUser('graphql-ws', 'start', ['data']),
  'one event stream for all': sharedStreamUser,
  'an event stream': poster('/graphql/stream', { accept: 'text/event-stream' }, checkEvents),
};

/** Asks the same again and again until `over`; resolves with how often it was answered, rightly. */
async function askAllTheWhile(over: AbortSignal): Promise<number> {
  let answered = 0;
  while (!over.aborted) {
    const { status, body } = await gateway.post('{ employee(id: 77) { id position } }');
    expect({ status, data: body.data }).toEqual({
      status: 200,
      data: { employee: { id: '77', position: 'Engineer' } },
    });
    answered += 1;
  }
  return answered;
}

describe('hostile operations are answered, and nobody else suffers', () => {
  test.each(Object.entries(ways))('over %s', async (_, join) => {
    const operations = hostileOperations(count, seed)[Symbol.iterator]();
    const over = new AbortController();
    const ordinary = askAllTheWhile(over.signal);
    const users = Array.from({ length: usersAtOnce }, join);
    let sent = 0;
    try {
      await Promise.all(
        users.map(async (user) => {
          for (const operation of operations) {
            await user.send(operation).catch((cause: unknown) => {
              throw new Error(`Answered wrongly: ${JSON.stringify(operation)}`, { cause });
            });
            sent += 1;
          }
        }),
      );
    } finally {
      over.abort();
      for (const user of users) user.leave();
    }
    expect(sent).toBe(count);
    expect(await ordinary).toBeGreaterThan(0);
    expect(gateway.logged()).not.toMatch(/a reason of our own/);
  });
});
