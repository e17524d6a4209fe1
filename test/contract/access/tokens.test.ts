import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSigner, TokenIssuer, type TokenOptions } from '../../support/token-issuer.js';
import type { GatewayUnderTest } from '../http/gateway-under-test.js';
import { overHttp, overLegacySocket, overSocket, overStream } from '../http/transports.js';
import { doors } from './doors.js';
import { startGatewayWithIdentities } from './gateway-with-identities.js';

/* Who is let in, through every door alike. */

let issuer: TokenIssuer;
let gateway: GatewayUnderTest;
beforeAll(async () => {
  issuer = await TokenIssuer.start();
  ({ gateway } = await startGatewayWithIdentities({ JWT_JWKS_URL: issuer.url }));
});
afterAll(async () => {
  await gateway.stop();
  await issuer.close();
});

const now = () => Math.floor(Date.now() / 1_000);
const unsigned = (header: object, claims: object) =>
  [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

const notValid = 'The token is not valid';

/** What is shown, made when it is needed; and what is said of it. */
const refused: readonly (readonly [string, () => Promise<string | null>, string])[] = [
  ['nothing', async () => null, 'Send a token: Authorization: Bearer <token>'],
  [
    'another scheme',
    async () => 'Basic YWRhOmFkYQ==',
    'The authorization is not of the form: Bearer <token>',
  ],
  ['no token', async () => 'Bearer ', 'The authorization is not of the form: Bearer <token>'],
  [
    'two tokens',
    async () => `Bearer ${await issuer.token()} ${await issuer.token()}`,
    'The authorization is not of the form: Bearer <token>',
  ],
  ['garbage', async () => 'Bearer garbage', notValid],
  ['a long token', async () => `Bearer ${'x'.repeat(8_193)}`, 'The token is too long'],
  ['expired', () => bearer({ claims: { exp: now() - 1 } }), 'The token has expired'],
  ['without an end', () => bearer({ claims: { exp: undefined } }), 'The token has no good end (exp)'],
  ['with an end in words', () => bearer({ claims: { exp: 'never' } }), 'The token has no good end (exp)'],
  ['with an end beyond time', () => bearer({ claims: { exp: 1e300 } }), 'The token has no good end (exp)'],
  ['not valid yet', () => bearer({ claims: { nbf: now() + 60 } }), 'The token is not valid yet (nbf)'],
  [
    'of another issuer',
    () => bearer({ claims: { iss: 'https://other.example' } }),
    'The token is of another issuer (iss)',
  ],
  ['of no issuer', () => bearer({ claims: { iss: undefined } }), 'The token is of another issuer (iss)'],
  [
    'for another audience',
    () => bearer({ claims: { aud: ['payroll'] } }),
    'The token is for another audience (aud)',
  ],
  ['without a subject', () => bearer({ claims: { sub: undefined } }), 'The token names no subject (sub)'],
  ['with an empty subject', () => bearer({ claims: { sub: '' } }), 'The token names no subject (sub)'],
  [
    'with a subject that is no text',
    () => bearer({ claims: { sub: { admin: true } } }),
    'The token names no subject (sub)',
  ],
  [
    'with an endless subject',
    () => bearer({ claims: { sub: 'a'.repeat(257) } }),
    'The token names no subject (sub)',
  ],
  [
    'changed on its way',
    async () =>
      (await bearer()).replace(/\.[^.]*\./, `.${Buffer.from('{"sub":"root"}').toString('base64url')}.`),
    notValid,
  ],
  [
    'unsigned',
    async () => `Bearer ${unsigned({ alg: 'none' }, { sub: 'ada' })}.`,
    'The token is signed in a way that is not accepted (alg)',
  ],
  [
    'signed with the text of the public key as a secret',
    signedWithPublicKey,
    'The token is signed in a way that is not accepted (alg)',
  ],
  [
    'signed with an unknown key under a known name',
    async () => bearer({ signer: await createSigner('ES256', 'first') }),
    notValid,
  ],
  [
    'signed with an unknown key',
    async () => bearer({ signer: await createSigner('ES256', 'elsewhere') }),
    'The token is signed with a key that is not known (kid)',
  ],
  [
    'signed in a way that is not asked for',
    async () => bearer({ signer: await createSigner('ES384', 'first') }),
    'The token is signed in a way that is not accepted (alg)',
  ],
];

async function bearer(options: TokenOptions = {}): Promise<string> {
  return `Bearer ${await issuer.token(options)}`;
}

/** The oldest trick: who checks with "whatever the token says" takes the public key for a shared secret. */
async function signedWithPublicKey(): Promise<string> {
  const { createHmac } = await import('node:crypto');
  const text = unsigned({ alg: 'HS256', kid: 'first' }, { sub: 'root', exp: now() + 60 });
  const secret = JSON.stringify(issuer.newest.publicJwk);
  return `Bearer ${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

describe.each(doors)('$name', ({ knock }) => {
  test.each(refused)('refuses %s, and says why', async (_what, show, message) => {
    expect(await knock(gateway, await show())).toEqual({ code: 'UNAUTHENTICATED', message });
  });

  test('lets in who has a good token', async () => {
    expect(await knock(gateway, await bearer())).toBeNull();
    expect(await knock(gateway, (await bearer()).replace('Bearer', 'bearer'))).toBeNull();
    expect(
      await knock(gateway, await bearer({ claims: { aud: ['payroll', 'employee-gateway'] } })),
    ).toBeNull();
  });
});

test.each([
  ['http', overHttp],
  ['socket', overSocket],
  ['legacy', overLegacySocket],
  ['streams', (to: GatewayUnderTest, shown: object) => overStream(to, { single: false, ...shown })],
  ['oneStream', (to: GatewayUnderTest, shown: object) => overStream(to, { single: true, ...shown })],
] as const)('over %s: a client that sends a token is served', async (_name, open) => {
  const transport = open(gateway, { authorization: await bearer() });
  expect(await transport.run({ query: '{ employee(id: 1) { name } }' })).toEqual([
    { data: { employee: { name: 'John Doe' } } },
  ]);
  transport.dispose();
});

test('the answer says what kind of authorization is wanted, and whether a token was wrong', async () => {
  const [without, wrong] = await Promise.all([
    gateway.post('{ topology { term } }'),
    gateway.post('{ topology { term } }', {}, { authorization: await bearer({ claims: { exp: 1 } }) }),
  ]);
  expect(without.headers.get('www-authenticate')).toBe('Bearer');
  expect(wrong.headers.get('www-authenticate')).toBe(
    'Bearer error="invalid_token", error_description="The token has expired"',
  );
});

test('what is no operation needs no token', async () => {
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
});

test('neither tokens nor claims reach the log', async () => {
  const token = await bearer({ claims: { exp: 1, sub: 'hunter2' } });
  for (const { knock } of doors) await knock(gateway, token);
  expect(gateway.logged()).not.toMatch(/hunter2|eyJ/);
});
