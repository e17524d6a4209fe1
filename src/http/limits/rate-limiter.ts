import type { Clock } from '../../clock.js';
import { RecentMap } from '../../recent-map.js';

interface Bucket {
  readonly tokens: number;
  readonly filledAt: number;
}

// A bucket is forgotten when 10,000 others have been used since: by then it is full, or somebody sends from very many addresses.
const maxSubjects = 10_000;

/**
 * So many operations a second for each subject, and as many at once after a second of silence: a bucket of tokens that
 * fills all the time. Who is not known yet has a full one.
 */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #buckets = new RecentMap<Bucket>({ entries: maxSubjects });

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** How many subjects are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token, and answers 0; or in how many milliseconds there will be one. */
  take(subject: string): number {
    const now = this.#clock.now();
    const tokens = this.#tokensOf(subject, now);
    const isAllowed = tokens >= 1;
    this.#buckets.set(subject, { tokens: isAllowed ? tokens - 1 : tokens, filledAt: now });
    return isAllowed ? 0 : Math.ceil(((1 - tokens) / this.#perSecond) * 1_000);
  }

  #tokensOf(subject: string, now: number): number {
    const bucket = this.#buckets.get(subject);
    if (bucket === undefined) return this.#perSecond;
    const filled = bucket.tokens + ((now - bucket.filledAt) / 1_000) * this.#perSecond;
    return Math.min(this.#perSecond, filled);
  }
}
