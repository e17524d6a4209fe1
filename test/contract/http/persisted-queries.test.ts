import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openSocket } from './raw-socket.js';
import { transports, type Operation, type Result, type Transport } from './transports.js';

/*
 * Automatic persisted queries: the hash of a text in its place, the same on every transport.
 */

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');
const persisted = (sha256Hash: unknown, version = 1) => ({ persistedQuery: { version, sha256Hash } });

/** The client library of the older protocol sends nothing without a text, so its frames are sent here. */
function overLegacyFrames({ socketUrl }: GatewayUnderTest): Pick<Transport, 'run' | 'dispose'> {
  return {
    async run(operation) {
      const socket = await openSocket(socketUrl, { protocols: ['graphql-ws'] });
      socket.send({ type: 'connection_init' });
      socket.send({ type: 'start', id: '1', payload: operation });
      for (;;) {
        const frame = await socket.next();
        const { type, payload } = Object(frame);
        if (type !== 'data' && type !== 'error') continue;
        socket.close();
        return [type === 'data' ? payload : { errors: [payload] }];
      }
    },
    dispose: () => undefined,
  };
}

const table = transports.map(({ name, open }) => ({
  name,
  open: name === 'legacy' ? overLegacyFrames : open,
}));

const refused = (message: string, code: string) => [{ errors: [{ message, extensions: { code } }] }];
const notFound = refused('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND');

describe.each(table)('over $name', ({ name, open }) => {
  async function ask(operation: Operation): Promise<readonly Result[]> {
    const transport = open(gateway);
    const results = await transport.run(operation);
    transport.dispose();
    return results;
  }

  test('a hash is unknown until its text came with it, and will do alone from then on', async () => {
    const query = `query ($no: Boolean!) { __typename @skip(if: $no) ${name}: __typename }`;
    const extensions = persisted(sha256Of(query));
    const variables = { no: true };
    const answer = [{ data: { [name]: 'Query' } }];
    expect(await ask({ query: '', variables, extensions })).toEqual(notFound);
    expect(await ask({ query, variables, extensions })).toEqual(answer);
    expect(await ask({ query: '', variables, extensions })).toEqual(answer);
  });

  test('a text with another hash is not executed, and not remembered', async () => {
    const extensions = persisted(sha256Of(`{ other: ${name} }`));
    const mismatch = refused('sha256Hash is not the hash of query', 'BAD_REQUEST');
    expect(await ask({ query: '{ __typename }', extensions })).toEqual(mismatch);
    expect(await ask({ query: '', extensions })).toEqual(notFound);
  });

  test('a text that may not be executed is not remembered', async () => {
    const query = `{ nothing${name} }`;
    const extensions = persisted(sha256Of(query));
    const [result] = await ask({ query, extensions });
    expect(result).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
    expect(await ask({ query: '', extensions })).toEqual(notFound);
  });

  test.each([persisted(1), persisted(sha256Of('{ __typename }'), 2), { persistedQuery: 'x' }])(
    'what is no hash of version 1 is told so: %j',
    async (extensions) => {
      const unfit = refused('persistedQuery must have version 1 and a sha256Hash', 'BAD_REQUEST');
      expect(await ask({ query: '{ __typename }', extensions })).toEqual(unfit);
    },
  );
});

test('what one transport was told serves all others, and a GET', async () => {
  const query = '{ everywhere: __typename }';
  const extensions = persisted(sha256Of(query));
  const answer = { data: { everywhere: 'Query' } };
  for (const { open } of table) {
    const transport = open(gateway);
    // Only the first sends the text.
    const text = open === table[0]?.open ? query : '';
    expect(await transport.run({ query: text, extensions })).toEqual([answer]);
    transport.dispose();
  }
  const search = new URLSearchParams({ extensions: JSON.stringify(extensions) });
  const response = await fetch(`${gateway.url}/graphql?${search.toString()}`, {
    headers: { 'apollo-require-preflight': 'true' },
  });
  expect([response.status, await response.json()]).toEqual([200, answer]);
});

test.each([
  ['application/json', 200],
  ['application/graphql-response+json', 400],
])(
  'over HTTP, an unknown hash has the status of a document that cannot be run: %s',
  async (accept, status) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ extensions: persisted('x') }),
    });
    expect(response.status).toBe(status);
  },
);
