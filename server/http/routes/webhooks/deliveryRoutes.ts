import { getDelivery } from '../../../../services/webhooks/getDelivery.ts';
import { listDeliveries } from '../../../../services/webhooks/listDeliveries.ts';
import { label } from '../../fields.ts';
import { idParams, idSchema } from '../../params.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { route } from '../../route.ts';
import { Delivery, DeliveryStatus, DeliveryWithAttempts } from './deliverySchemas.ts';
import { DELIVERY_EXAMPLE, DELIVERY_WITH_ATTEMPTS_EXAMPLE } from './examples.ts';
import { presentDelivery, presentDeliveryWithAttempts } from './present.ts';

export const deliveryRoutes = [
  route({
    method: 'GET',
    path: '/admin/webhooks/{id}/deliveries',
    operationId: 'webhooks.deliveries.list',
    permission: 'webhook.read',
    summary: 'List the deliveries of a webhook endpoint',
    description: 'Newest first: every event that was meant for the endpoint, and how far its delivery came.',
    params: idParams('whk'),
    query: pageQuery({
      status: DeliveryStatus.optional().describe('Only deliveries in this state.'),
      event_type: label(100).optional().describe('Only deliveries of events of this type.'),
    }),
    responses: { 200: pageOf(Delivery) },
    errors: ['unknown_event_type'],
    examples: { responses: { 200: { data: [DELIVERY_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('webhooks.deliveries.list', ctx);
      const { status = null, event_type: eventType = null } = ctx.query;
      const deliveries = await inTenant((tenant) => listDeliveries(tenant, ctx.params.id, { status, eventType }, page));
      return { status: 200, body: page.present(deliveries, ({ id }) => id, presentDelivery) };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/webhooks/{id}/deliveries/{delivery_id}',
    operationId: 'webhooks.deliveries.get',
    permission: 'webhook.read',
    summary: 'Get one delivery with its attempts',
    description: 'Every request that was made: when, how long it took, and what the endpoint answered or why there was no answer.',
    params: idParams('whk').extend({ delivery_id: idSchema('dlv') }),
    responses: { 200: DeliveryWithAttempts },
    examples: { responses: { 200: DELIVERY_WITH_ATTEMPTS_EXAMPLE } },
    async handler({ params, inTenant }) {
      const found = await inTenant((tenant) => getDelivery(tenant, params.id, params.delivery_id));
      return { status: 200, body: presentDeliveryWithAttempts(found) };
    },
  }),
];
