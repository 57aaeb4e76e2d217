import { RateLimiterMemory, RateLimiterPostgres } from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Knex } from 'knex';

/** One fixed window, anchored at its first request. */
export interface RateWindow {
  /** Requests counted in this window, this one included. */
  used: number;
  resetMs: number;
}

export interface RateLimiter {
  /** Counts one request of `subject` (`key:<uuid>`). The caller compares `used` with its limit. Never throws. */
  count(subject: string): Promise<RateWindow>;
  /** Ends what it has opened of its own. */
  close(): Promise<void>;
}

export const WINDOW_SECONDS = 3_600;

/** The store only counts: each key has a limit of its own, so no store-wide one may strike first. */
const UNLIMITED = 2_000_000_000;
export const COUNTER = { points: UNLIMITED, duration: WINDOW_SECONDS, keyPrefix: 'rate' };

export function createMemoryRateLimiter(): RateLimiter {
  return counterOf(new RateLimiterMemory(COUNTER));
}

/** A limiter whose code is being loaded; requests that come before wait for it. */
export const onceLoaded = (loading: Promise<RateLimiter>): RateLimiter => ({
  count: async (subject) => (await loading).count(subject),
  close: async () => (await loading).close(),
});

/**
 * Counts in table rate_limits, so that several API processes share a limit.
 * Postgres away: this process counts in its own memory until it is back (fails open, but not boundless).
 */
export function createPostgresRateLimiter(knex: Knex): RateLimiter {
  return counterOf(
    new RateLimiterPostgres({
      ...COUNTER,
      storeClient: knex,
      storeType: 'knex',
      tableName: 'rate_limits',
      tableCreated: true,
      insuranceLimiter: new RateLimiterMemory(COUNTER),
    }),
  );
}

/** What a store counts with. */
export function counterOf(store: RateLimiterAbstract, close: () => Promise<void> = async () => {}): RateLimiter {
  return {
    close,
    async count(subject) {
      const window = await store.consume(subject);
      return { used: window.consumedPoints, resetMs: window.msBeforeNext };
    },
  };
}
