import type { WebhookPoster } from '../activities/webhooks/postWebhook.ts';
import { requestHeaders } from '../activities/webhooks/requestHeaders.ts';
import type { AddressGuard } from '../services/network/addressGuard.ts';
import type { RateLimiter } from '../services/rateLimit/rateLimiter.ts';
import { OwnershipChecks } from '../services/webhooks/ownership/checks.ts';
import type { Clock } from './clock.ts';

/** Checks of ownership by the very poster that delivers, so that a receiver that passes one gets the other. */
export function createOwnershipChecks(guard: AddressGuard, rateLimiter: RateLimiter, clock: Clock): OwnershipChecks {
  // Its HTTP client is loaded with the first check: most processes make none, and one that was killed is back sooner without.
  let poster: Promise<WebhookPoster> | null = null;
  const open = async (): Promise<WebhookPoster> => {
    const module = await import('../activities/webhooks/postWebhook.ts');
    return new module.WebhookPoster(guard);
  };
  return new OwnershipChecks({
    clock,
    rateLimiter,
    post: async (request) => (await (poster ??= open())).post(request),
    close: async () => (await poster)?.close(),
    headersOf: requestHeaders,
  });
}
