import type { JWTVerifyGetKey } from 'jose';

/** The keys that tokens are signed with, as far as this gateway knows them. */
export interface TokenKeys {
  /** Another one whenever a key was added or withdrawn; null while it is not known which keys count. */
  readonly version: number | null;
  /** Rejects with an error of jose's when no key fits, with IdentityUnavailableError when the keys cannot be had. */
  readonly find: JWTVerifyGetKey;
  /** To be called now and then, with every token: has old keys fetched again, and waits for nothing. */
  keepFresh(): void;
}
