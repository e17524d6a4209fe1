import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { algorithmsOf, type Algorithm } from './algorithms.js';
import type { TokenKeys } from './token-keys.js';

/** Keys that stay as they are while this process runs, and what they are for. */
export interface StaticKeys {
  readonly keys: TokenKeys;
  readonly algorithms: ReadonlySet<Algorithm>;
}

/** Why a text is no key that tokens can be checked with. Shows nothing of it. */
export class UnusableKeyError extends Error {
  override readonly name = 'UnusableKeyError';
}

// As long as the sum that is made with it: RFC 7518, 3.2.
const minSecretBytes = 32;
// RFC 7518, 3.3.
const minModulusBits = 2_048;

/**
 * Reads a public key or a certificate (PEM), one key (JWK) or a set of public keys (JWKS). A secret comes as a JWK
 * (`{"kty":"oct","k":"..."}`), so that a public key that was damaged on its way is never taken for one.
 * @throws UnusableKeyError
 */
export function parseStaticKeys(text: string): StaticKeys {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw privateKey();
  if (text.includes('-----BEGIN ')) return single(orUnusable(() => createPublicKey(text)));
  const value = parseJson(text);
  return isArray(value['keys']) ? several(value['keys'].filter(isKey)) : single(importJwk(value));
}

/** Whichever key a token names, it is this one: who has but one need not name it. */
function single(key: KeyObject): StaticKeys {
  return staticKeys([key], async () => key);
}

function several(keys: readonly Key[]): StaticKeys {
  const imported = keys.map(importJwk);
  if (imported.length === 0) throw new UnusableKeyError('it is a set of keys without a key');
  if (imported.some(({ type }) => type === 'secret')) {
    throw new UnusableKeyError('a secret cannot be one of several keys: give it alone');
  }
  return staticKeys(imported, createLocalJWKSet({ keys: [...keys] }));
}

function staticKeys(imported: readonly KeyObject[], find: JWTVerifyGetKey): StaticKeys {
  return {
    keys: { version: 0, find, keepFresh: () => {} },
    algorithms: new Set(imported.flatMap(algorithmsOf)),
  };
}

function importJwk(key: JsonWebKey): KeyObject {
  if (key.kty === 'oct') return importSecret(key.k);
  if (key.d !== undefined) throw privateKey();
  return orUnusable(() => createPublicKey({ key, format: 'jwk' }));
}

function importSecret(value: unknown): KeyObject {
  const secret = Buffer.from(typeof value === 'string' ? value : '', 'base64url');
  if (secret.byteLength < minSecretBytes) {
    throw new UnusableKeyError(`a secret needs ${minSecretBytes} bytes (base64url in "k")`);
  }
  return createSecretKey(secret);
}

function orUnusable(create: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = create();
  } catch {
    // What the library says of it may quote it.
    throw new UnusableKeyError('it is no public key, certificate, JWK or JWKS');
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? minModulusBits;
  if (bits >= minModulusBits) return key;
  throw new UnusableKeyError(`it has ${bits} bits, and RSA needs ${minModulusBits}`);
}

function parseJson(text: string): JsonWebKey {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw new UnusableKeyError('it is neither PEM nor a JWK or JWKS in JSON');
}

const privateKey = () =>
  new UnusableKeyError('it holds a private key, which belongs to whoever makes tokens: give the public one');

type Key = JsonWebKey & { readonly kty: string };

const isKey = (value: unknown): value is Key => isRecord(value) && typeof value['kty'] === 'string';

const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
