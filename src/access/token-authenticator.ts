import { hash } from 'node:crypto';
import type { Clock } from '../clock.js';
import { RecentMap } from '../recent-map.js';
import { InvalidTokenError, UnauthenticatedError } from './errors.js';
import type { Authenticator, Identity } from './identity.js';
import { permissionsOf, rolesIn, type RolePermissions } from './roles.js';
import type { TokenKeys } from './token-keys.js';
import { verifyToken, type TokenRules } from './verify-token.js';

export interface TokenAuthenticatorOptions {
  readonly keys: TokenKeys;
  readonly rules: TokenRules;
  readonly rolesClaim: string;
  readonly rolePermissions: RolePermissions;
  readonly clock: Clock;
}

interface Remembered {
  readonly identity: Identity;
  readonly expiresAt: number;
  /** Of the keys that the token was checked with. */
  readonly version: number;
}

// 10,000 people who work at the same time; some 400 bytes each, whatever the length of their tokens.
const maxRemembered = 10_000;

/**
 * Knows people by their tokens: `Authorization: Bearer <JWT>`.
 *
 * A token that was good is remembered, by its hash, until it ends or a key is added or withdrawn: checking a signature
 * takes longer than most of what an operation does in this process.
 */
export function createTokenAuthenticator(options: TokenAuthenticatorOptions): Authenticator {
  const { keys, rules, rolesClaim, rolePermissions, clock } = options;
  /** By the hashes of their tokens. */
  const remembered = new RecentMap<Remembered>({ entries: maxRemembered });

  function recall(digest: string): Identity | null {
    const found = remembered.get(digest);
    if (found === undefined) return null;
    if (found.version === keys.version && found.expiresAt > clock.date().getTime()) return found.identity;
    remembered.delete(digest);
    return null;
  }

  async function verify(token: string, digest: string): Promise<Identity> {
    // Read before: a key that is withdrawn meanwhile must not count with the keys that come after it.
    const { version } = keys;
    const { subject, expiresAt, claims } = await verifyToken(token, { keys, rules, now: clock.date() });
    const identity: Identity = {
      subject,
      permissions: permissionsOf(rolesIn(claims, rolesClaim), rolePermissions),
      expiresAt,
    };
    if (version !== null) remembered.set(digest, { identity, expiresAt, version });
    return identity;
  }

  return {
    asksForToken: true,
    identify({ authorization }) {
      const token = tokenIn(authorization);
      keys.keepFresh();
      const digest = hash('sha256', token, 'base64');
      return recall(digest) ?? verify(token, digest);
    },
  };
}

/** @throws UnauthenticatedError */
function tokenIn(authorization: string | null): string {
  if (authorization === null || authorization.trim() === '') {
    throw new UnauthenticatedError('Send a token: Authorization: Bearer <token>');
  }
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization.trim())?.[1];
  if (token === undefined)
    throw new InvalidTokenError('The authorization is not of the form: Bearer <token>');
  return token;
}
