import type { Clock } from '../../clock.js';
import { RecentMap } from '../../recent-map.js';
import type { Siblings } from '../siblings.js';
import { OperationRefusal } from '../operation-refusal.js';

interface Bucket {
  readonly tokens: number;
  readonly filledAt: number;
}

// Whoever owes more has sent something whose limits the operator has raised: he is not to wait for ever.
const maxDebtSeconds = 10;

// A bucket is forgotten when 10,000 others have been used since: by then it is full, or somebody sends from very many addresses.
const maxSubjects = 10_000;

/**
 * So many operations a second for each subject, and as many at once after a second of silence: a bucket of tokens that
 * fills all the time. Who is not known yet has a full one. An operation that is much work takes several.
 */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #siblings: Siblings | null;
  readonly #buckets = new RecentMap<Bucket>({ entries: maxSubjects });

  constructor(perSecond: number, clock: Clock, siblings: Siblings | null = null) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#siblings = siblings;
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
    if (isAllowed) this.#siblings?.tellTokens(subject, 1);
    return this.#waitMs(tokens);
  }

  /** The same answer, and no token is taken. */
  waitMsOf(subject: string): number {
    return this.#waitMs(this.#tokensOf(subject, this.#clock.now()));
  }

  /** Takes more tokens for what turned out to be more than one operation's worth; who has none left owes them. */
  charge(subject: string, tokens: number): void {
    if (tokens <= 0) return;
    this.spend(subject, tokens);
    this.#siblings?.tellTokens(subject, tokens);
  }

  /** The same for what a sibling has taken: nobody else is told. */
  spend(subject: string, tokens: number): void {
    const now = this.#clock.now();
    const left = Math.max(this.#tokensOf(subject, now) - tokens, -maxDebtSeconds * this.#perSecond);
    this.#buckets.set(subject, { tokens: left, filledAt: now });
  }

  #waitMs(tokens: number): number {
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / this.#perSecond) * 1_000);
  }

  #tokensOf(subject: string, now: number): number {
    const bucket = this.#buckets.get(subject);
    if (bucket === undefined) return this.#perSecond;
    const filled = bucket.tokens + ((now - bucket.filledAt) / 1_000) * this.#perSecond;
    return Math.min(this.#perSecond, filled);
  }
}

/** What is said to whom there is no token left. */
export function rateLimited(retryAfterMs: number): OperationRefusal {
  const headers = { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) };
  const message = `Too many operations in a short time: send this one again in ${retryAfterMs} ms`;
  return new OperationRefusal(message, { code: 'RATE_LIMITED', retryAfterMs }, { status: 429, headers });
}
