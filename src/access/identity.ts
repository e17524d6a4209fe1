import { clientNetworkOf } from './client-network.js';

/** What somebody may do. Roles of a token are mapped to these by the settings. */
export const permissions = [
  'employees:read',
  'salaries:read',
  'employees:write',
  'cluster:read',
  'cluster:steer',
] as const;
export type Permission = (typeof permissions)[number];

/** Who sent an operation, as far as we know. */
export interface Identity {
  /** Whose share of the limits an operation counts against: the subject of a token, else the network of the client. */
  readonly subject: string;
  readonly permissions: ReadonlySet<Permission>;
  /** When it ends, in milliseconds since 1970; null when it has no end of its own. */
  readonly expiresAt: number | null;
}

/** What a client shows of itself. */
export interface Credentials {
  /** The value of the header `Authorization`, or of the field of that name in `connection_init`. */
  readonly authorization: string | null;
  /** Where its connection comes from. */
  readonly address: string;
}

/** Finds out who somebody is. */
export interface Authenticator {
  /** Whether clients are to send a token. */
  readonly asksForToken?: boolean;
  /**
   * Rejects, or throws, with UnauthenticatedError, or with IdentityUnavailableError when that cannot be told now. At once
   * where nobody needs to be asked.
   */
  identify(credentials: Credentials): Identity | Promise<Identity>;
}

const everything: ReadonlySet<Permission> = new Set(permissions);

/** Who has not been asked yet. */
export const nobody: Identity = { subject: '', permissions: new Set(), expiresAt: null };

/** For a gateway without identities: whoever reaches it may do everything. */
export const allowEverybody: Authenticator = {
  identify: ({ address }) => ({
    subject: clientNetworkOf(address),
    permissions: everything,
    expiresAt: null,
  }),
};
