import { AppError } from '../errors/AppError.ts';
import type { RateLimiter } from './rateLimiter.ts';

/** For what is dearer than a request: counts one of `subject`, of which `most` an hour are fine. Throws rate_limited. */
export async function assertFew(rateLimiter: RateLimiter, subject: string, { most, what }: { most: number; what: string }): Promise<void> {
  const { used, resetMs } = await rateLimiter.count(subject);
  if (used <= most) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(resetMs / 1_000));
  throw new AppError('rate_limited', {
    detail: `At most ${most} ${what} an hour. The next one is possible in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
  });
}
