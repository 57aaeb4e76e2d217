import type { ShownWebhook } from '../../db/queries/readWebhooks.ts';

/**
 * What the audit log keeps of an endpoint, before and after a change: every setting, header names without values, no secret. In canonical
 * order, which writing it then need not make.
 */
export function describeWebhook(webhook: ShownWebhook): Record<string, unknown> {
  return {
    channels: webhook.channels,
    description: webhook.description,
    events: webhook.eventTypes,
    filter: webhook.filter,
    header_names: webhook.headerNames,
    max_in_flight: webhook.maxInFlight,
    max_retries: webhook.maxRetries,
    name: webhook.name,
    ordered: webhook.ordered,
    rate_limit_per_second: webhook.rateLimitPerSecond,
    retry_delay_seconds: webhook.retryDelaySeconds,
    retry_schedule_seconds: webhook.retryScheduleSeconds,
    signature: webhook.signature,
    status: webhook.status,
    timeout_seconds: webhook.timeoutSeconds,
    url: webhook.url,
    verified_at: webhook.verifiedAt?.toISOString() ?? null,
  };
}
