import { listDeadLetters } from '../../../../services/webhooks/deadLetters/list.ts';
import { purgeDeadLetters } from '../../../../services/webhooks/deadLetters/purge.ts';
import { requeueDeadLetters } from '../../../../services/webhooks/deadLetters/requeue.ts';
import type { DeadLetterFilter } from '../../../../services/webhooks/deadLetters/scope.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { route } from '../../route.ts';
import { DeadLetterPurge, DeadLetterRequeue, DeadLettersPurged, DeadLettersRequeued, deadLetterFilters } from './deadLetterSchemas.ts';
import { Delivery } from './deliverySchemas.ts';
import { DEAD_LETTER_EXAMPLE, DEAD_LETTER_FILTER_EXAMPLE } from './examples.ts';
import { presentDelivery } from './present.ts';

export const deadLetterRoutes = [
  route({
    method: 'GET',
    path: '/admin/dead-letters',
    operationId: 'webhooks.dead_letters.list',
    permission: 'webhook.read',
    summary: 'List dead letters',
    description: 'Deliveries that gave up, of all endpoints, newest first. Read one delivery for its attempts.',
    query: pageQuery(deadLetterFilters),
    responses: { 200: pageOf(Delivery) },
    errors: ['not_found', 'unknown_event_type'],
    examples: { responses: { 200: { data: [DEAD_LETTER_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('webhooks.dead_letters.list', ctx);
      const deliveries = await inTenant((tenant) => listDeadLetters(tenant, fromFilters(ctx.query), page));
      return { status: 200, body: page.present(deliveries, ({ id }) => id, presentDelivery) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/dead-letters/requeue',
    operationId: 'webhooks.dead_letters.requeue',
    permission: 'webhook.replay',
    summary: 'Send dead letters again',
    description:
      'Each becomes due now with all its retries, as a replay: same `webhook-id`, and `webhook-replay: 1`. Left out are those of disabled endpoints and those whose event is no longer kept; what belongs to a paused endpoint waits until it is resumed.',
    body: DeadLetterRequeue,
    responses: { 200: DeadLettersRequeued },
    errors: ['not_found', 'conflict', 'unknown_event_type'],
    idempotent: true,
    examples: { body: DEAD_LETTER_FILTER_EXAMPLE, responses: { 200: { requeued: 37, remaining: 0 } } },
    async handler({ body, inTenant, deps }) {
      const wakes: Parameters<typeof deps.waker.wake>[0] = [];
      const answer = await inTenant(async (tenant) => {
        const { requeued, remaining, wakes: promised } = await requeueDeadLetters(tenant, fromFilters(body), body.limit);
        wakes.push(...promised);
        return { status: 200 as const, body: { requeued, remaining } };
      });
      deps.waker.wake(wakes);
      return answer;
    },
  }),
  route({
    method: 'DELETE',
    path: '/admin/dead-letters',
    operationId: 'webhooks.dead_letters.purge',
    permission: 'webhook.replay',
    summary: 'Purge dead letters',
    description:
      'Takes them off the list: they become `cancelled`. Their attempts stay on record, and each can still be replayed by its id. Without a filter it purges those of all endpoints.',
    query: DeadLetterPurge,
    responses: { 200: DeadLettersPurged },
    errors: ['not_found', 'unknown_event_type'],
    examples: { responses: { 200: { purged: 37, remaining: 0 } } },
    async handler({ query, inTenant }) {
      return { status: 200, body: await inTenant((tenant) => purgeDeadLetters(tenant, fromFilters(query), query.limit)) };
    },
  }),
];

interface Filters {
  webhook_id?: string | undefined;
  event_type?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

const fromFilters = (filters: Filters): DeadLetterFilter => ({
  webhookId: filters.webhook_id ?? null,
  eventType: filters.event_type ?? null,
  since: filters.since ?? null,
  until: filters.until ?? null,
});
