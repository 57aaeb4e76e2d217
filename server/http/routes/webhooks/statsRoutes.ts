import { getAllStats, getWebhookStats } from '../../../../services/webhooks/stats/get.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { fromStatsQuery, presentStats } from './presentStats.ts';
import { STATS_EXAMPLE } from './statsExample.ts';
import { AttemptStats, StatsQuery } from './statsSchemas.ts';

const examples = { responses: { 200: STATS_EXAMPLE } };

export const webhookStatsRoutes = [
  route({
    method: 'GET',
    path: '/admin/webhooks/stats',
    operationId: 'webhooks.stats.all',
    permission: 'webhook.read',
    summary: 'Statistics of all webhook endpoints',
    description:
      'Attempts at all endpoints of the organization together, deleted ones included: how many, what came of them, how long they took, in total and by minute, hour or day. A credential that is bound to a workspace sees the attempts at endpoints of that workspace only.',
    query: StatsQuery,
    responses: { 200: AttemptStats },
    examples,
    async handler({ query, inTenant }) {
      return { status: 200, body: presentStats(await inTenant((tenant) => getAllStats(tenant, fromStatsQuery(query)))) };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/webhooks/{id}/stats',
    operationId: 'webhooks.stats.get',
    permission: 'webhook.read',
    summary: 'Statistics of a webhook endpoint',
    description:
      'Its attempts: how many, what came of them, how long they took, in total and by minute, hour or day. An attempt counts in the minute in which it was put on record, which is when it ended. What happened a moment ago is in it.',
    params: idParams('whk'),
    query: StatsQuery,
    responses: { 200: AttemptStats },
    examples,
    async handler({ params, query, inTenant }) {
      return { status: 200, body: presentStats(await inTenant((tenant) => getWebhookStats(tenant, params.id, fromStatsQuery(query)))) };
    },
  }),
];
