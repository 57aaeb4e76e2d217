import type { z } from 'zod';
import type { Delivery as DeliveryRow } from '../../../../db/models/Delivery.ts';
import type { DeliveryAttempt } from '../../../../db/models/DeliveryAttempt.ts';
import type { ShownWebhook } from '../../../../db/queries/readWebhooks.ts';
import type { CreatedWebhook, NewWebhook, WebhookSettings } from '../../../../services/webhooks/create.ts';
import type { DeliveryWithAttempts as DeliveryDetail } from '../../../../services/webhooks/getDelivery.ts';
import { MASKED_VALUE } from '../../../../services/webhooks/headersPolicy.ts';
import { typeId } from '../../../ids.ts';
import type { Attempt, Delivery, DeliveryWithAttempts } from './deliverySchemas.ts';
import type { WebhookCreated, WebhookIn, WebhookOut, WebhookPatch } from './schemas.ts';

/** The settings that the request names, as the services know them; absent ones stay absent. */
export function fromWebhookPatch(body: z.output<typeof WebhookPatch>): Partial<WebhookSettings> {
  const settings: { [K in keyof WebhookSettings]: WebhookSettings[K] | undefined } = {
    name: body.name,
    url: body.url,
    eventTypes: body.events,
    description: body.description,
    timeoutSeconds: body.timeout_seconds,
    maxRetries: body.max_retries,
    retryDelaySeconds: body.retry_delay_seconds,
    retryScheduleSeconds: body.retry_schedule_seconds,
    headers: body.headers,
    maxInFlight: body.max_in_flight,
    rateLimitPerSecond: body.rate_limit_per_second,
    ordered: body.ordered,
    filter: body.filter,
    channels: body.channels,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

export function fromWebhookIn({
  signature,
  workspace_id: workspaceId,
  verify: _verify,
  ...settings
}: z.output<typeof WebhookIn>): NewWebhook {
  return { ...(fromWebhookPatch(settings) as WebhookSettings), signature, workspaceId };
}

export function presentWebhook(webhook: ShownWebhook): z.input<typeof WebhookOut> {
  return {
    id: typeId('whk', webhook.id),
    name: webhook.name,
    url: webhook.url,
    events: webhook.eventTypes,
    description: webhook.description,
    timeout_seconds: webhook.timeoutSeconds,
    max_retries: webhook.maxRetries,
    retry_delay_seconds: webhook.retryDelaySeconds,
    retry_schedule_seconds: webhook.retryScheduleSeconds,
    headers: Object.fromEntries(webhook.headerNames.map((name) => [name, MASKED_VALUE])),
    max_in_flight: webhook.maxInFlight,
    rate_limit_per_second: webhook.rateLimitPerSecond,
    ordered: webhook.ordered,
    filter: webhook.filter as Record<string, unknown> | null,
    channels: webhook.channels,
    signature: webhook.signature,
    workspace_id: webhook.workspaceId === null ? null : typeId('wsp', webhook.workspaceId),
    status: webhook.status,
    verified_at: webhook.verifiedAt?.toISOString() ?? null,
    public_keys: webhook.publicKeys,
    created_at: webhook.createdAt.toISOString(),
    updated_at: webhook.updatedAt.toISOString(),
    stats: presentStats(webhook),
  };
}

function presentStats({ deliveredCount: delivered, failedCount: failed }: ShownWebhook): z.input<typeof WebhookOut>['stats'] {
  const finished = delivered + failed;
  return { delivered, failed, success_rate: finished === 0 ? null : Math.round((delivered / finished) * 10_000) / 10_000 };
}

export function presentCreated({ webhook, secret }: CreatedWebhook): z.input<typeof WebhookCreated> {
  return { ...presentWebhook(webhook), secret };
}

export function presentDelivery(delivery: DeliveryRow): z.input<typeof Delivery> {
  return {
    id: typeId('dlv', delivery.id),
    event_id: typeId('evt', delivery.eventId),
    event_type: delivery.eventType,
    webhook_id: typeId('whk', delivery.endpointId),
    status: delivery.status,
    attempts: delivery.attempts,
    next_attempt_at: delivery.nextAttemptAt?.toISOString() ?? null,
    last_status_code: delivery.lastStatusCode,
    last_error_code: delivery.lastErrorCode,
    created_at: delivery.createdAt.toISOString(),
    delivered_at: delivery.deliveredAt?.toISOString() ?? null,
  };
}

export function presentDeliveryWithAttempts({ delivery, attempts }: DeliveryDetail): z.input<typeof DeliveryWithAttempts> {
  return { ...presentDelivery(delivery), attempt_log: attempts.map(presentAttempt) };
}

function presentAttempt(attempt: DeliveryAttempt): z.input<typeof Attempt> {
  return {
    number: attempt.number,
    started_at: attempt.startedAt.toISOString(),
    duration_ms: attempt.durationMs,
    status_code: attempt.statusCode,
    error_code: attempt.errorCode,
    response_excerpt: attempt.responseExcerpt,
    replay: attempt.replay,
  };
}
