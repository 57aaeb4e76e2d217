import { AppError } from '../../../services/errors/AppError.ts';
import { PLAN_LIMITS } from '../../../services/plans.ts';
import { WINDOW_SECONDS } from '../../../services/rateLimit/rateLimiter.ts';
import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

/**
 * Counts the request against the limit of its key's family, so that rotating a key gives nobody a second quota; and tells how much is left (draft-ietf-httpapi-ratelimit-headers-10).
 * Refused requests count too. Throws rate_limited.
 */
export function rateLimit({ route }: Mount, { rateLimiter, metrics }: Deps): Step | null {
  if (route.public) return null;
  return async (ctx, next) => {
    const key = ctx.state.key!;
    const limit = key.rateLimitPerHour ?? PLAN_LIMITS[key.plan].requestsPerHourPerKey;
    if (limit === 0) return next(ctx);
    const { used, resetMs } = await rateLimiter.count(`key:${key.familyId}`);
    const resetSeconds = Math.max(1, Math.ceil(resetMs / 1_000));
    ctx.set('RateLimit-Policy', `"key";q=${limit};w=${WINDOW_SECONDS}`);
    ctx.set('RateLimit', `"key";r=${Math.max(0, limit - used)};t=${resetSeconds}`);
    if (used <= limit) return next(ctx);
    metrics.rateLimited.inc();
    throw new AppError('rate_limited', {
      detail: `This key may make ${limit} requests an hour. The next one is possible in ${resetSeconds} s.`,
      retryAfterSeconds: resetSeconds,
      // The name that the draft gives it: which of the policies in RateLimit-Policy refuse the request.
      extensions: { 'violated-policies': ['key'] },
    });
  };
}
