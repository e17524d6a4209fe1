import type { Authenticator, Identity, Permission } from '../../src/access/identity.js';
import { permissions } from '../../src/access/identity.js';

export function someoneWho(...may: readonly Permission[]): Identity {
  return { subject: 'someone', permissions: new Set(may), expiresAt: null };
}

/** Everybody is someone with just these permissions. */
export function everybodyMay(...may: readonly Permission[]): Authenticator {
  return { identify: () => someoneWho(...may) };
}

/** Everybody may do all but this. */
export function nobodyMay(...mayNot: readonly Permission[]): Authenticator {
  return everybodyMay(...permissions.filter((permission) => !mayNot.includes(permission)));
}
