import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { transports, type Operation, type Result } from './transports.js';

/*
 * Documents that the operator has listed, and others: the same on every transport.
 */

const known = 'query Known { __typename }';
const unknown = 'query Unknown { __typename }';
const texts = new Map([['id-of-known', known]]);
const persisted = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } });
const hashOfUnknown = createHash('sha256').update(unknown).digest('hex');

let strict: GatewayUnderTest;
let lenient: GatewayUnderTest;
beforeAll(async () => {
  strict = await startGateway({ settings: { trustedManifest: { mode: 'enforce', texts } } });
  lenient = await startGateway({ settings: { trustedManifest: { mode: 'log', texts } } });
});
afterAll(() => Promise.all([strict.stop(), lenient.stop()]));

const served = [{ data: { __typename: 'Query' } }];
const refused = [
  {
    errors: [
      {
        message: 'This gateway runs only the documents that it was given',
        extensions: { code: 'DOCUMENT_NOT_TRUSTED' },
      },
    ],
  },
];

describe.each(transports)('over $name', ({ name, open }) => {
  async function ask(gateway: GatewayUnderTest, operation: Operation): Promise<readonly Result[]> {
    const transport = open(gateway);
    const results = await transport.run(operation);
    transport.dispose();
    return results;
  }

  test('enforced, only a document of the manifest is run', async () => {
    expect(await ask(strict, { query: known })).toEqual(served);
    expect(await ask(strict, { query: unknown })).toEqual(refused);
    expect(await ask(strict, { query: `${known} ` })).toEqual(refused);
    expect(await ask(strict, { query: '{' })).toEqual(refused);
  });

  test('enforced, an id stands for its text, and no other text is taken for a hash', async () => {
    expect(await ask(strict, { query: known, extensions: persisted('id-of-known') })).toEqual(served);
    expect(await ask(strict, { query: unknown, extensions: persisted('id-of-known') })).toEqual(refused);
    expect(await ask(strict, { query: unknown, extensions: persisted(hashOfUnknown) })).toEqual(refused);
    // The client library of the older protocol sends nothing without a text.
    if (name === 'legacy') return;
    expect(await ask(strict, { query: '', extensions: persisted('id-of-known') })).toEqual(served);
    expect(await ask(strict, { query: '', extensions: persisted(hashOfUnknown) })).toEqual(refused);
  });

  test('logged, any document is run, and the log tells of it once', async () => {
    const query = `query Stranger_${name}($no: Boolean!) { __typename other: __typename @skip(if: $no) }`;
    const operation = { query, variables: { no: true } };
    expect(await ask(lenient, { query: known })).toEqual(served);
    expect(await ask(lenient, operation)).toEqual(served);
    expect(await ask(lenient, operation)).toEqual(served);
    expect(lenient.logged().split(`Stranger_${name}`)).toHaveLength(2);
    expect(lenient.logged()).not.toContain('Known');
  });
});
