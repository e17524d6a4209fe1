import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import type { Algorithm } from './algorithms.js';
import { IdentityUnavailableError, InvalidTokenError } from './errors.js';
import type { TokenKeys } from './token-keys.js';

/** What a token must be. */
export interface TokenRules {
  /** One of these must have made it. */
  readonly issuers: readonly string[];
  /** It must be meant for one of these. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly Algorithm[];
  readonly clockToleranceMs: number;
}

/** What is used of a token that is good. */
export interface VerifiedToken {
  readonly subject: string;
  /** Until when it is good, tolerance included, in milliseconds since 1970. */
  readonly expiresAt: number;
  readonly claims: JWTPayload;
}

/** Some 20 roles and a long name are 2 kB; Node takes no header of more than 16 kB. */
const maxTokenLength = 8 * 1024;
const maxSubjectLength = 256;

export interface TokenCheck {
  readonly keys: TokenKeys;
  readonly rules: TokenRules;
  readonly now: Date;
}

/** Rejects with InvalidTokenError, or with IdentityUnavailableError when that cannot be told. */
export async function verifyToken(token: string, { keys, rules, now }: TokenCheck): Promise<VerifiedToken> {
  if (token.length > maxTokenLength) throw new InvalidTokenError('The token is too long');
  const payload = await verifySignature(token, keys, {
    issuer: [...rules.issuers],
    audience: [...rules.audiences],
    algorithms: [...rules.algorithms],
    clockTolerance: rules.clockToleranceMs / 1_000,
    requiredClaims: ['exp', 'sub'],
    currentDate: now,
  });
  const { sub, exp } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > maxSubjectLength) {
    throw new InvalidTokenError('The token names no subject (sub)');
  }
  const expiresAt = Number(exp) * 1_000 + rules.clockToleranceMs;
  // Beyond what a date can hold there is no day on which it ends.
  if (Number.isNaN(new Date(expiresAt).getTime()))
    throw new InvalidTokenError('The token has no good end (exp)');
  return { subject: sub, expiresAt, claims: payload };
}

async function verifySignature(
  token: string,
  keys: TokenKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys.find, options)).payload;
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return tryEach(token, error, options);
    throw error instanceof IdentityUnavailableError ? error : invalid(error);
  }
}

/** A token that does not name its key, where several would do. */
async function tryEach(
  token: string,
  candidates: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of candidates) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw invalid(error);
    }
  }
  throw invalid(candidates);
}

const wrongClaims: Readonly<Record<string, string>> = {
  iss: 'The token is of another issuer (iss)',
  aud: 'The token is for another audience (aud)',
  nbf: 'The token is not valid yet (nbf)',
  sub: 'The token names no subject (sub)',
  exp: 'The token has no good end (exp)',
};

/** What went wrong, in words for whoever sent the token: nothing of the keys, and nothing of the token. */
function invalid(cause: unknown): InvalidTokenError {
  return new InvalidTokenError(reasonOf(cause), { cause });
}

function reasonOf(cause: unknown): string {
  if (cause instanceof errors.JWTExpired) return 'The token has expired';
  if (cause instanceof errors.JWTClaimValidationFailed) return wrongClaims[cause.claim] ?? notValid;
  if (cause instanceof errors.JOSEAlgNotAllowed)
    return 'The token is signed in a way that is not accepted (alg)';
  if (cause instanceof errors.JWKSNoMatchingKey)
    return 'The token is signed with a key that is not known (kid)';
  return notValid;
}

const notValid = 'The token is not valid';
