import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { Logger } from '../../server/logger.ts';
import { COUNTER, counterOf } from './rateLimiter.ts';
import type { RateLimiter } from './rateLimiter.ts';

/** What a request waits for the count of Redis at most; then this process counts in its own memory. */
const COMMAND_MS = 250;
const CONNECT_MS = 1_000;
const LONGEST_RETRY_MS = 2_000;

/**
 * Counts in Redis (`redis://` or `rediss://`), so that several machines share a limit without writing to Postgres.
 * Redis away: as with Postgres, each process counts in its own memory until it is back.
 */
export function createRedisRateLimiter(url: string, logger: Logger): RateLimiter {
  const redis = new Redis(url, {
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    maxRetriesPerRequest: 0,
    // A request does not wait for a connection: it is counted in memory.
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(attempt * 100, LONGEST_RETRY_MS),
  });
  tellOnce(redis, logger);
  const insuranceLimiter = new RateLimiterMemory(COUNTER);
  const store = new RateLimiterRedis({ ...COUNTER, storeClient: redis, rejectIfRedisNotReady: true, insuranceLimiter });
  return counterOf(store, async () => redis.disconnect());
}

/** One line when it goes, one when it is back: it is tried again several times a second. */
function tellOnce(redis: Redis, logger: Logger): void {
  let away = false;
  redis.on('error', (error: Error) => {
    if (!away) logger.warn({ err: error }, 'Redis cannot be reached: requests are counted in memory');
    away = true;
  });
  redis.on('ready', () => {
    if (away) logger.info('Redis is back: requests are counted there again');
    away = false;
  });
}
