import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, type RemoteJWKSet } from 'jose';
import type { Clock } from '../clock.js';
import { IdentityUnavailableError } from './errors.js';
import { fetchLimited } from './fetch-limited.js';
import type { AccessLog } from './log.js';
import type { TokenKeys } from './token-keys.js';

export interface RemoteKeysOptions {
  readonly url: URL;
  readonly clock: Clock;
  readonly log: AccessLog;
}

// A request waits for it: longer than a healthy provider takes, and less than anybody's patience.
const fetchTimeoutMs = 3_000;
// Keys older than this are fetched again while they still count: a key that was withdrawn counts this long.
const refreshAfterMs = 5 * 60_000;
// So long a provider may be away before its keys count no more.
const maxAgeMs = 60 * 60_000;
// A token may name a key that is new. One that is not there shall not have the keys fetched again and again.
const coolDownMs = 10_000;
// Between two attempts while the provider does not answer.
const retryAfterMs = 1_000;

/**
 * The keys at a URL, as RFC 7517 has them. jose fetches, parses and chooses; here is decided when to fetch.
 *
 * | what is known            | a token with a known key | a token with another key          |
 * | ------------------------ | ------------------------ | --------------------------------- |
 * | nothing, or older than 1 h | waits for the keys     | waits for the keys                |
 * | keys, fetched within 10 s  | is checked             | is refused                        |
 * | keys, within 5 min         | is checked             | waits for the keys, once          |
 * | keys, within 1 h           | is checked; meanwhile the keys are fetched | the same      |
 *
 * When the provider does not answer, whoever waits gets IdentityUnavailableError, at once for a second after that.
 */
export class RemoteKeys implements TokenKeys {
  readonly #set: RemoteJWKSet;
  readonly #options: RemoteKeysOptions;
  #version = 0;
  #contents = '';
  #fetchedAt: number | null = null;
  #failedAt: number | null = null;
  #fetching: Promise<void> | null = null;

  constructor(options: RemoteKeysOptions) {
    this.#options = options;
    this.#set = createRemoteJWKSet(options.url, {
      timeoutDuration: fetchTimeoutMs,
      // When to fetch again is decided here: jose knows no pause after a failure, and drops old keys before it has new ones.
      cooldownDuration: Infinity,
      cacheMaxAge: Infinity,
      [customFetch]: fetchLimited,
    });
  }

  get version(): number | null {
    return this.#ageMs > maxAgeMs ? null : this.#version;
  }

  keepFresh(): void {
    // Whoever needs them hears of the failure.
    if (this.#ageMs > refreshAfterMs) this.#fetch().catch(() => {});
  }

  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.version === null) await this.#fetch();
    try {
      return await this.#set(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#ageMs < coolDownMs) throw error;
      await this.#fetch();
      return this.#set(header, token);
    }
  };

  get #ageMs(): number {
    return this.#fetchedAt === null ? Infinity : this.#options.clock.now() - this.#fetchedAt;
  }

  /** One at a time, for all who wait. */
  async #fetch(): Promise<void> {
    const { clock } = this.#options;
    if (this.#failedAt !== null && clock.now() - this.#failedAt < retryAfterMs) throw unavailable();
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = null;
    });
    await this.#fetching;
  }

  async #fetchNow(): Promise<void> {
    const { clock, log, url } = this.#options;
    const place = url.origin + url.pathname;
    try {
      await this.#set.reload();
    } catch (error) {
      // Once, and not for each request of an outage.
      if (this.#failedAt === null)
        log.warn({ err: error, url: place }, 'The keys of tokens cannot be fetched');
      this.#failedAt = clock.now();
      throw unavailable(error);
    }
    if (this.#failedAt !== null) log.info({ url: place }, 'The keys of tokens can be fetched again');
    this.#failedAt = null;
    this.#fetchedAt = clock.now();
    const contents = JSON.stringify(this.#set.jwks());
    if (contents === this.#contents) return;
    this.#contents = contents;
    this.#version += 1;
    const keys = this.#set.jwks()?.keys.map(({ kid }) => kid);
    log.info({ url: place, keys }, 'The keys of tokens are known');
  }
}

function unavailable(cause?: unknown): IdentityUnavailableError {
  return new IdentityUnavailableError('Tokens cannot be checked at the moment', { cause });
}
