import { assertFew } from '../rateLimit/assertFew.ts';
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
