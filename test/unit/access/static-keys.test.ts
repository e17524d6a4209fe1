import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseStaticKeys } from '../../../src/access/static-keys.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const ed = generateKeyPairSync('ed25519');
const pem = ({ publicKey }: { readonly publicKey: KeyObject }) =>
  publicKey.export({ type: 'spki', format: 'pem' });
const jwk = ({ publicKey }: { readonly publicKey: KeyObject }) => publicKey.export({ format: 'jwk' });
const secret = (bytes: number) => ({ kty: 'oct', k: randomBytes(bytes).toString('base64url') });

const algorithmsIn = (text: string | Buffer | object) => [
  ...parseStaticKeys(
    typeof text === 'string' ? text : Buffer.isBuffer(text) ? String(text) : JSON.stringify(text),
  ).algorithms,
];

describe('a file of keys', () => {
  test('is a public key in PEM, a JWK or a JWKS; what the key is decides what it is for', () => {
    const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
    expect(algorithmsIn(pem(rsa))).toEqual(rsaAlgorithms);
    expect(algorithmsIn(jwk(rsa))).toEqual(rsaAlgorithms);
    expect(algorithmsIn(pem(ec))).toEqual(['ES384']);
    expect(algorithmsIn(pem(ed))).toEqual(['EdDSA']);
    expect(algorithmsIn({ keys: [jwk(ec), jwk(ed)] })).toEqual(['ES384', 'EdDSA']);
  });

  test('is for HS256 only when it says itself that it holds a secret', () => {
    expect(algorithmsIn(secret(32))).toEqual(['HS256', 'HS384', 'HS512']);
  });

  test.each<readonly [string, string | Buffer | object, string]>([
    [
      'a private key in PEM',
      ec.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      'it holds a private key',
    ],
    ['a private JWK', ec.privateKey.export({ format: 'jwk' }), 'it holds a private key'],
    [
      'a private JWK among others',
      { keys: [jwk(rsa), ec.privateKey.export({ format: 'jwk' })] },
      'it holds a private key',
    ],
    ['a damaged key', String(pem(rsa)).replaceAll('A', 'B'), 'it is no public key, certificate, JWK or JWKS'],
    ['a damaged JWK', { kty: 'EC', crv: 'P-256' }, 'it is no public key, certificate, JWK or JWKS'],
    [
      'a short RSA key',
      pem(generateKeyPairSync('rsa', { modulusLength: 1_024 })),
      'it has 1024 bits, and RSA needs 2048',
    ],
    ['a word', 'correct horse battery staple', 'it is neither PEM nor a JWK or JWKS in JSON'],
    ['nothing', '', 'it is neither PEM nor a JWK or JWKS in JSON'],
    ['a short secret', secret(31), 'a secret needs 32 bytes'],
    ['no secret', { kty: 'oct' }, 'a secret needs 32 bytes'],
    ['a secret among others', { keys: [jwk(ec), secret(32)] }, 'a secret cannot be one of several keys'],
    ['no keys', { keys: [] }, 'it is a set of keys without a key'],
  ])('is refused when it is %s', (_what, text, reason) => {
    expect(() => algorithmsIn(text)).toThrow(reason);
  });
});
