import { z } from 'zod';
import { getBacklog } from '../../../../services/webhooks/getBacklog.ts';
import { instant } from '../../fields.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';

export const WebhookBacklog = z
  .object({
    status: z.enum(['active', 'paused', 'failing', 'disabled']).describe('Of the endpoint.'),
    pending: z.int().describe('Not tried yet.'),
    retrying: z.int().describe('Failed and scheduled again.'),
    in_flight: z.int().describe('Being sent.'),
    held: z.int().describe('Of `pending` and `retrying`, those that are kept back for the reason in `held_by`; 0 when there is none.'),
    held_by: z
      .enum(['paused', 'disabled', 'failing', 'overload'])
      .nullable()
      .describe(
        '`failing`: one probe at a time is sent; `overload`: the endpoint asked for a pause, by 429, 502, 503, 504 or `Retry-After`.',
      ),
    held_until: instant().nullable().describe('Nothing is sent before; null when no time is known.'),
    dead: z.int().describe('Gave up, and was neither sent again nor purged.'),
    oldest_pending_at: instant().nullable().describe('Since when the oldest of `pending` could be sent.'),
    oldest_pending_seconds: z.int(),
    exact: z
      .boolean()
      .describe(
        'false: more than 10,000 are unfinished, or were given up. Counting ends there, with those that are due first, and every number is the least that there can be.',
      ),
  })
  .meta({ id: 'WebhookBacklog' });

export const webhookBacklogRoutes = [
  route({
    method: 'GET',
    path: '/admin/webhooks/{id}/backlog',
    operationId: 'webhooks.backlog',
    permission: 'webhook.read',
    summary: 'Count what a webhook endpoint has left to do',
    description: 'How many deliveries wait, are kept back, are being sent or gave up, and for how long the oldest has waited.',
    params: idParams('whk'),
    responses: { 200: WebhookBacklog },
    examples: {
      responses: {
        200: {
          status: 'failing',
          pending: 412,
          retrying: 5,
          in_flight: 1,
          held: 417,
          held_by: 'failing',
          held_until: '2026-11-02T09:36:00.000Z',
          dead: 2,
          oldest_pending_at: '2026-11-02T09:31:00.000Z',
          oldest_pending_seconds: 184,
          exact: true,
        },
      },
    },
    async handler({ params, inTenant }) {
      const { inFlight, heldBy, heldUntil, oldestPendingAt, oldestPendingSeconds, ...counts } = await inTenant((tenant) =>
        getBacklog(tenant, params.id),
      );
      const times = { held_until: heldUntil?.toISOString() ?? null, oldest_pending_at: oldestPendingAt?.toISOString() ?? null };
      const body = { ...counts, ...times, in_flight: inFlight, held_by: heldBy, oldest_pending_seconds: oldestPendingSeconds };
      return { status: 200, body };
    },
  }),
];
