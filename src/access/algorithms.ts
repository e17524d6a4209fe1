import type { KeyObject } from 'node:crypto';

/** The signatures that a token may have. `none` is not among them. */
export const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'HS256',
  'HS384',
  'HS512',
] as const;
export type Algorithm = (typeof algorithms)[number];

/** Whether whoever can check such a signature can make one as well. */
export const isSymmetric = (algorithm: Algorithm): boolean => algorithm.startsWith('HS');

const byCurve: ReadonlyMap<string | undefined, Algorithm> = new Map([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
]);

/** What a key is for. A public key is never for HS256: its text is no secret, and who knows it could sign with it. */
export function algorithmsOf(key: KeyObject): readonly Algorithm[] {
  if (key.type === 'secret') return algorithms.filter(isSymmetric);
  if (key.asymmetricKeyType === 'rsa') return algorithms.filter((algorithm) => /^[RP]S/.test(algorithm));
  if (key.asymmetricKeyType === 'ed25519') return ['EdDSA'];
  const fitting = byCurve.get(key.asymmetricKeyDetails?.namedCurve);
  return fitting === undefined ? [] : [fitting];
}
