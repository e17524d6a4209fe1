import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../../../src/trial/wait-for.js';
import { ManualClock } from '../../support/manual-clock.js';
import { createSigner, TokenIssuer, type TokenOptions } from '../../support/token-issuer.js';
import type { GatewayUnderTest } from '../http/gateway-under-test.js';
import { doors, type Refusal } from './doors.js';
import { startGatewayWithIdentities } from './gateway-with-identities.js';

/* Keys at a URL: how they come, change, and stay away. The clock stands still until it is told to go on. */

const second = 1_000;
const minute = 60 * second;

let clock: ManualClock;
let issuer: TokenIssuer;
let gateway: GatewayUnderTest;
let told: readonly string[];
beforeEach(async () => {
  clock = new ManualClock();
  issuer = await TokenIssuer.start();
});
afterEach(async () => {
  await gateway.stop();
  await issuer.close();
});

async function start(): Promise<void> {
  ({ gateway, told } = await startGatewayWithIdentities({ JWT_JWKS_URL: issuer.url }, clock));
}

async function startWithKeys(): Promise<void> {
  await start();
  await waitFor('the keys are there', () => told.includes('The keys of tokens are known'));
}

/** A token that is good for a day by the clock of the test. */
async function bearer(options: TokenOptions = {}): Promise<string> {
  const exp = Math.floor(clock.date().getTime() / second) + 86_400;
  return `Bearer ${await issuer.token({ ...options, claims: { exp, iat: undefined, ...options.claims } })}`;
}

const [door] = doors;
async function knock(authorization: string): Promise<Refusal | null> {
  if (door === undefined) throw new Error('There is no door');
  return door.knock(gateway, authorization);
}

const unavailable = { code: 'IDENTITY_UNAVAILABLE', message: 'Tokens cannot be checked at the moment' };
const unknownKey = {
  code: 'UNAUTHENTICATED',
  message: 'The token is signed with a key that is not known (kid)',
};

describe('keys', () => {
  test('are fetched once, however many ask at the same time', async () => {
    await start();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => bearer()));
    expect(await Promise.all(tokens.map(knock))).toEqual(Array.from({ length: 20 }, () => null));
    expect(issuer.fetches).toBe(1);
  });

  test('are fetched again for a token whose key is new', async () => {
    await startWithKeys();
    issuer.signers.push(await createSigner('ES256', 'second'));
    clock.advance(10 * second);
    expect(await knock(await bearer())).toBeNull();
    expect(issuer.fetches).toBe(2);
  });

  test('are not fetched again for every token that names a key of nobody', async () => {
    await startWithKeys();
    const signer = await createSigner('ES256', 'nobody');
    clock.advance(10 * second);
    for (let count = 0; count < 5; count += 1)
      expect(await knock(await bearer({ signer }))).toEqual(unknownKey);
    expect(issuer.fetches).toBe(2);
  });

  test('that were withdrawn count no more, not even for a token that was good before', async () => {
    await startWithKeys();
    const token = await bearer();
    expect(await knock(token)).toBeNull();
    issuer.signers.splice(0, 1, await createSigner('ES256', 'second'));
    clock.advance(5 * minute + 1);
    // Whoever comes first is not made to wait.
    expect(await knock(token)).toBeNull();
    await waitFor(
      'the keys are fetched again',
      () => told.filter((line) => line.endsWith('known')).length === 2,
    );
    expect(await knock(token)).toEqual(unknownKey);
    expect(await knock(await bearer())).toBeNull();
  });

  test('need no name while only one of several fits the signature', async () => {
    issuer.signers.push(await createSigner('ES256', 'second'));
    await start();
    const [first] = issuer.signers;
    const nameless = { header: { kid: undefined } };
    expect(await knock(await bearer(nameless))).toBeNull();
    expect(await knock(await bearer({ ...nameless, ...(first && { signer: first }) }))).toBeNull();
    const signer = await createSigner('ES256', 'nobody');
    expect(await knock(await bearer({ ...nameless, signer }))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('while nobody answers where the keys are', () => {
  test.each(doors)('$name says that it cannot tell now', async ({ knock: knockAt }) => {
    await issuer.close();
    await start();
    expect(await knockAt(gateway, await bearer())).toEqual(unavailable);
  });

  test('tokens with a known key are good for an hour', async () => {
    await startWithKeys();
    const [token, another] = [await bearer(), await bearer({ claims: { sub: 'grace' } })];
    expect(await knock(token)).toBeNull();
    await issuer.close();
    clock.advance(60 * minute);
    expect(await knock(token)).toBeNull();
    expect(await knock(another)).toBeNull();
    clock.advance(1);
    expect(await knock(token)).toEqual(unavailable);
    expect(await knock(another)).toEqual(unavailable);
  });

  test('a token with another key is not called wrong, for it may be right', async () => {
    await startWithKeys();
    const signer = await createSigner('ES256', 'second');
    await issuer.close();
    clock.advance(10 * second);
    expect(await knock(await bearer({ signer }))).toEqual(unavailable);
    expect(await knock(await bearer())).toBeNull();
  });

  test('it is tried again after a second, and all is well once it answers', async () => {
    await issuer.close();
    await start();
    await waitFor('it was tried', () => told.includes('The keys of tokens cannot be fetched'));
    await issuer.listen();
    expect(await knock(await bearer())).toEqual(unavailable);
    expect(issuer.fetches).toBe(0);
    clock.advance(second);
    expect(await knock(await bearer())).toBeNull();
    expect(told).toEqual([
      'The keys of tokens cannot be fetched',
      'The keys of tokens can be fetched again',
      'The keys of tokens are known',
    ]);
  });
});

test.each<readonly [string, TokenIssuer['answer']]>([
  ['is an error', (response) => response.writeHead(500).end('{"keys":[]}')],
  ['leads elsewhere', (response) => response.writeHead(302, { location: '/elsewhere' }).end()],
  ['is no JSON', (response) => response.end('<html>')],
  ['is no set of keys', (response) => response.end('{"keys":{}}')],
  ['is endless', (response) => void endless(response)],
  ['breaks off', (response) => response.write('{"keys":', () => response.destroy())],
  ['does not come', () => {}],
])('an answer that %s leaves tokens unchecked, and the gateway as it was', async (_what, answer) => {
  issuer.answer = answer;
  await start();
  expect(await knock(await bearer())).toEqual(unavailable);
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
});

async function endless(response: Parameters<TokenIssuer['answer']>[0]): Promise<void> {
  while (response.writable) await new Promise((resolve) => response.write(' '.repeat(65_536), resolve));
}
