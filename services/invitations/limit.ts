import { AppError } from '../errors/AppError.ts';
import type { RateLimiter } from '../rateLimit/rateLimiter.ts';

/** Mails with our sender to addresses that somebody typed: enough to bring in a company, too few to be worth anything to a spammer. */
const INVITATIONS_AN_HOUR = 200;
const PREVIEWS_AN_HOUR = 300;

/** Throws rate_limited. */
export const limitInvitations = (rateLimiter: RateLimiter, orgId: string): Promise<void> =>
  assertFew(rateLimiter, `invitations:${orgId}`, { most: INVITATIONS_AN_HOUR, what: 'invitations of one organization' });

/** Of one address. Throws rate_limited. */
export const limitPreviews = (rateLimiter: RateLimiter, ip: string | null): Promise<void> =>
  assertFew(rateLimiter, `invitation_previews:${ip ?? 'unknown'}`, {
    most: PREVIEWS_AN_HOUR,
    what: 'looks at invitations from one address',
  });

async function assertFew(rateLimiter: RateLimiter, subject: string, { most, what }: { most: number; what: string }): Promise<void> {
  const { used, resetMs } = await rateLimiter.count(subject);
  if (used <= most) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(resetMs / 1_000));
  throw new AppError('rate_limited', {
    detail: `At most ${most} ${what} an hour. The next one is possible in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
  });
}
