import { GraphQLDateTime } from 'graphql-scalars';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Authenticator } from '../../../src/access/identity.js';
import { waitFor } from '../../../src/trial/wait-for.js';
import { someoneWho } from '../../support/identities.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openSocket } from './raw-socket.js';

/* Many listeners of one gateway: what they ask for alike is executed once. */

const listenersOfEachKind = 80;

/** Who comes with a token may read salaries as well. */
const authenticator: Authenticator = {
  identify: ({ authorization }) =>
    authorization === null ? someoneWho('cluster:read') : someoneWho('cluster:read', 'salaries:read'),
};

let gateway: GatewayUnderTest;
beforeEach(async () => {
  gateway = await startGateway({ authenticator });
});
afterEach(() => gateway.stop());

/** Hears of the results of one operation, as JSON. */
type Listen = (
  request: { query: string; variables?: object },
  headers?: Record<string, string>,
) => Promise<readonly string[]>;

const listenOverSocket =
  (protocols: string[], begin: string): Listen =>
  async (payload, headers = {}) => {
    const socket = await openSocket(gateway.socketUrl, { protocols, headers });
    socket.send({ type: 'connection_init' });
    await socket.next();
    // Another one for each listener.
    const id = `of ${Math.random()}`;
    socket.send({ id, type: begin, payload });
    const results: string[] = [];
    const follow = async (): Promise<never> => {
      for (;;) {
        const message: Readonly<Record<string, unknown>> = Object(await socket.next());
        if (message['id'] === id) results.push(JSON.stringify(message['payload']));
      }
    };
    follow().catch(() => undefined);
    return results;
  };

const listenOverStream: Listen = async (request, headers = {}) => {
  const response = await fetch(`${gateway.url}/graphql/stream`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(request),
  });
  const results: string[] = [];
  const follow = async (): Promise<void> => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      results.splice(0, results.length, ...(text.match(/(?<=^event: next\ndata: ).*$/gm) ?? []));
    }
  };
  follow().catch(() => undefined);
  return results;
};

const transports: Listen[] = [
  listenOverSocket(['graphql-transport-ws'], 'subscribe'),
  listenOverSocket(['graphql-ws'], 'start'),
  listenOverStream,
];

/** The query has `at`, which is made into a text once for each execution. */
const changes = `subscription Changes($uri: Boolean!) {
  leadershipChanged { kind at leader { name uri @include(if: $uri) } }
}`;

/** All results of a change of leader, and how many executions they took. */
async function elect(
  listeners: readonly (readonly string[])[],
): Promise<{ results: ReadonlySet<string>; executions: number }> {
  await waitFor('all listen', () => listeners.every((results) => results.length === 1));
  const serialize = vi.spyOn(GraphQLDateTime, 'serialize');
  try {
    gateway.replicaSet.elect('instance002');
    await waitFor('all have heard of it', () => listeners.every((results) => results.length === 2));
    return {
      results: new Set(listeners.flat().filter(isElection)),
      executions: serialize.mock.calls.length,
    };
  } finally {
    serialize.mockRestore();
  }
}
const isElection = (result: string): boolean => result.includes('"ELECTED"');

test('a change of leader is executed once for all listeners who ask for the same, on every transport', async () => {
  const each = Array.from({ length: listenersOfEachKind }, () =>
    transports.map((listen) => listen({ query: changes, variables: { uri: true } })),
  );
  const listeners = await Promise.all(each.flat());
  const { results, executions } = await elect(listeners);
  expect(executions).toBe(1);
  expect([...results].map((result) => JSON.parse(result))).toEqual([
    {
      data: {
        leadershipChanged: {
          kind: 'ELECTED',
          at: expect.stringMatching(/^\d{4}-.*Z$/),
          leader: { name: 'instance002', uri: '127.0.0.1:3302' },
        },
      },
    },
  ]);
});

test('listeners who ask with other variables, or have other rights, get an execution of their own', async () => {
  const authorization = { authorization: 'Bearer of more rights' };
  const listeners = await Promise.all(
    transports.flatMap((listen) => [
      listen({ query: changes, variables: { uri: true } }),
      listen({ query: changes, variables: { uri: false } }),
      listen({ query: changes, variables: { uri: true } }, authorization),
    ]),
  );
  const { results, executions } = await elect(listeners);
  expect(executions).toBe(3);
  expect(results.size).toBe(2);
});
