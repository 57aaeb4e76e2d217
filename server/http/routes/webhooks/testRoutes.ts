import { dataOfTest, testWebhook } from '../../../../services/webhooks/test.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { DELIVERY_EXAMPLE } from './examples.ts';
import { presentDelivery } from './present.ts';
import { WebhookTestIn, WebhookTestOut } from './testSchemas.ts';

const DELIVERY = {
  ...DELIVERY_EXAMPLE,
  event_type: 'webhook.test',
  status: 'pending',
  attempts: 0,
  last_status_code: null,
  last_error_code: null,
  next_attempt_at: DELIVERY_EXAMPLE.created_at,
};

export const webhookTestRoutes = [
  route({
    method: 'POST',
    path: '/admin/webhooks/{id}/test',
    operationId: 'webhooks.test',
    permission: 'webhook.write',
    summary: 'Send a test event to a webhook endpoint',
    description:
      'Sends one event to this endpoint alone, whatever it subscribes to or filters, signed and retried like every other, with the header `webhook-test: 1`. Its body is an example of `event_type`; without one a `webhook.test`. On record it is always a `webhook.test`, so that nothing takes it for something that happened. The answer is its delivery; read that again to see how it went. A disabled endpoint gets none (409).',
    params: idParams('whk'),
    body: WebhookTestIn,
    responses: { 202: WebhookTestOut },
    errors: ['conflict', 'unknown_event_type', 'example_unavailable'],
    idempotent: true,
    // A payload stands in the event alone, where it can be erased.
    stored: (body) => ({ ...(body as object), payload: null }),
    examples: {
      body: { event_type: 'meeting.cancelled' },
      responses: {
        202: {
          ...DELIVERY,
          payload: {
            type: 'meeting.cancelled',
            timestamp: '2026-11-02T09:31:00.000Z',
            data: { meeting_id: 'meeting_3', lead_id: 'lead_42', title: 'Introduction', reason: 'rescheduled' },
          },
        },
      },
    },
    async handler({ params, body, actor, inTenant, deps }) {
      const type = body.event_type;
      const asked = { type, data: await dataOfTest(deps, actor, params.id, type) };
      const wakes: Parameters<typeof deps.waker.wake>[0] = [];
      const answer = await inTenant(async (tenant) => {
        const { delivery, payload, wakes: promised } = await testWebhook(tenant, params.id, asked);
        wakes.push(...promised);
        const posted = { type, timestamp: payload.occurredAt.toISOString(), data: payload.data as Record<string, unknown> };
        return { status: 202 as const, body: { ...presentDelivery(delivery), payload: posted } };
      });
      deps.waker.wake(wakes);
      return answer;
    },
  }),
];
