import { z } from 'zod';
import { instant } from '../../fields.ts';

export const DeliveryStatus = z.enum(['pending', 'in_flight', 'retrying', 'delivered', 'dead', 'cancelled']);

export const Delivery = z
  .object({
    id: z.string(),
    event_id: z.string().describe('Sent as `webhook-id`, the same at every attempt.'),
    event_type: z.string(),
    webhook_id: z.string(),
    status: DeliveryStatus.describe(
      '`pending`: not tried yet; `in_flight`: being sent; `retrying`: failed and scheduled again; `delivered`; `dead`: gave up; `cancelled`: the endpoint was deleted, or the dead letter purged.',
    ),
    attempts: z.int().describe('Requests made so far.'),
    next_attempt_at: instant().nullable().describe('null when finished.'),
    last_status_code: z.int().nullable().describe('HTTP status of the latest answer; null when there was none.'),
    last_error_code: z
      .string()
      .nullable()
      .describe('Why the latest attempt failed, such as `http_status` or `timeout`; null when it did not.'),
    created_at: instant(),
    delivered_at: instant().nullable(),
  })
  .meta({ id: 'Delivery' });

export const Attempt = z
  .object({
    number: z.int().describe('1 is the first.'),
    started_at: instant(),
    duration_ms: z.int(),
    status_code: z.int().nullable().describe('HTTP status of the answer; null when there was none.'),
    error_code: z.string().nullable().describe('Why the attempt failed, such as `http_status` or `timeout`; null when it did not.'),
    response_excerpt: z.string().nullable().describe('The beginning of the answer, at most 1 KiB.'),
    replay: z.boolean().describe('Whether the attempt belongs to a replay.'),
  })
  .meta({ id: 'Attempt' });

export const DeliveryWithAttempts = Delivery.extend({
  attempt_log: z.array(Attempt).describe('Every request of this delivery, the first one first.'),
}).meta({ id: 'DeliveryWithAttempts' });
