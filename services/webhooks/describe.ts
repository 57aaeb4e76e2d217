import type { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';

/** What the audit log keeps of an endpoint, before and after a change: every setting, header names without values, no secret. */
export function describeWebhook(webhook: WebhookEndpoint): Record<string, unknown> {
  return {
    name: webhook.name,
    url: webhook.url,
    events: webhook.eventTypes,
    description: webhook.description,
    timeout_seconds: webhook.timeoutSeconds,
    max_retries: webhook.maxRetries,
    retry_delay_seconds: webhook.retryDelaySeconds,
    retry_schedule_seconds: webhook.retryScheduleSeconds,
    header_names: webhook.headerNames,
    max_in_flight: webhook.maxInFlight,
    rate_limit_per_second: webhook.rateLimitPerSecond,
    ordered: webhook.ordered,
    channels: webhook.channels,
    filter: webhook.filter,
    signature: webhook.signature,
    verified_at: webhook.verifiedAt?.toISOString() ?? null,
    status: webhook.status,
  };
}
