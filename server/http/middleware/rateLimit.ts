import { AppError } from '../../../services/errors/AppError.ts';
import { PLAN_LIMITS } from '../../../services/plans.ts';
import { WINDOW_SECONDS } from '../../../services/rateLimit/rateLimiter.ts';
import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { RequestState, Step } from '../state.ts';

/**
 * Counts the request against the limit of its key's family, so that rotating a key gives nobody a second quota, or of its person;
 * and tells how much is left (draft-ietf-httpapi-ratelimit-headers-10).
 * Refused requests count too. Throws rate_limited.
 */
export function rateLimit({ route }: Mount, { rateLimiter, metrics }: Deps): Step | null {
  if (route.public) return null;
  return async (ctx, next) => {
    const { name, subject, limit } = countedAs(ctx.state);
    if (limit === 0) return next(ctx);
    const { used, resetMs } = await rateLimiter.count(subject);
    const resetSeconds = Math.max(1, Math.ceil(resetMs / 1_000));
    ctx.set('RateLimit-Policy', `"${name}";q=${limit};w=${WINDOW_SECONDS}`);
    ctx.set('RateLimit', `"${name}";r=${Math.max(0, limit - used)};t=${resetSeconds}`);
    if (used <= limit) return next(ctx);
    metrics.rateLimited.inc();
    throw new AppError('rate_limited', {
      detail: `This ${name} may make ${limit} requests an hour. The next one is possible in ${resetSeconds} s.`,
      retryAfterSeconds: resetSeconds,
      // The name that the draft gives it: which of the policies in RateLimit-Policy refuse the request.
      extensions: { 'violated-policies': [name] },
    });
  };
}

/** A person counts as one, however many sessions they have; in no organization, as on the free plan. */
function countedAs({ key, session }: RequestState): { name: string; subject: string; limit: number } {
  if (key)
    return { name: 'key', subject: `key:${key.familyId}`, limit: key.rateLimitPerHour ?? PLAN_LIMITS[key.plan].requestsPerHourPerKey };
  const { userId, organization } = session!;
  return { name: 'user', subject: `user:${userId}`, limit: PLAN_LIMITS[organization?.plan ?? 'free'].requestsPerHourPerKey };
}
