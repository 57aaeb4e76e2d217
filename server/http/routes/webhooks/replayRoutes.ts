import { replayDelivery } from '../../../../services/webhooks/replayDelivery.ts';
import { idParams, idSchema } from '../../params.ts';
import { route } from '../../route.ts';
import { Delivery } from './deliverySchemas.ts';
import { DEAD_LETTER_EXAMPLE } from './examples.ts';
import { presentDelivery } from './present.ts';

export const replayRoutes = [
  route({
    method: 'POST',
    path: '/admin/webhooks/{id}/replay/{delivery_id}',
    operationId: 'webhooks.replay',
    permission: 'webhook.replay',
    summary: 'Send a finished delivery again',
    description:
      'A delivery that was delivered, is dead or was cancelled becomes due now, with all its retries; the numbers of its attempts go on. The request has the same `webhook-id`, and `webhook-replay: 1`. A paused endpoint gets it when it is resumed.',
    params: idParams('whk').extend({ delivery_id: idSchema('dlv') }),
    responses: { 202: Delivery },
    errors: ['conflict', 'payload_erased'],
    idempotent: true,
    examples: { responses: { 202: { ...DEAD_LETTER_EXAMPLE, status: 'pending', next_attempt_at: '2026-11-02T10:15:00.000Z' } } },
    async handler({ params, inTenant, deps }) {
      const wakes: Parameters<typeof deps.waker.wake>[0] = [];
      const answer = await inTenant(async (tenant) => {
        const replayed = await replayDelivery(tenant, params.id, params.delivery_id);
        wakes.push(...replayed.wakes);
        return { status: 202 as const, body: presentDelivery(replayed.delivery) };
      });
      deps.waker.wake(wakes);
      return answer;
    },
  }),
];
