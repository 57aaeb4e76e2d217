import { WebhookPoster } from '../activities/webhooks/postWebhook.ts';
import { requestHeaders } from '../activities/webhooks/requestHeaders.ts';
import type { AddressGuard } from '../services/network/addressGuard.ts';
import type { RateLimiter } from '../services/rateLimit/rateLimiter.ts';
import { OwnershipChecks } from '../services/webhooks/ownership/checks.ts';
import type { Clock } from './clock.ts';

/** Checks of ownership by the very poster that delivers, so that a receiver that passes one gets the other. */
export function createOwnershipChecks(guard: AddressGuard, rateLimiter: RateLimiter, clock: Clock): OwnershipChecks {
  const poster = new WebhookPoster(guard);
  return new OwnershipChecks({
    clock,
    rateLimiter,
    post: (request) => poster.post(request),
    close: () => poster.close(),
    headersOf: requestHeaders,
  });
}
