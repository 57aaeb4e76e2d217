import { createEventType } from '../../../../services/eventTypes/create.ts';
import { getEventType } from '../../../../services/eventTypes/get.ts';
import { listEventTypes } from '../../../../services/eventTypes/list.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { route } from '../../route.ts';
import { EVENT_TYPE_EXAMPLE, EVENT_TYPE_IN_EXAMPLE, EVENT_TYPE_LIST_EXAMPLE } from './examples.ts';
import { presentEventType, presentEventTypeDetail } from './present.ts';
import { EventTypeIn, EventTypeOut, EventTypeParams, EventTypeSummary, VersionQuery } from './schemas.ts';

export const eventTypeRoutes = [
  route({
    method: 'GET',
    path: '/admin/event-types',
    operationId: 'event_types.list',
    permission: 'webhook.read',
    summary: 'List event types',
    description: 'The built-in types, then those of your own by name, each in its newest version.',
    query: pageQuery({}),
    responses: { 200: pageOf(EventTypeSummary) },
    examples: { responses: { 200: { data: EVENT_TYPE_LIST_EXAMPLE, next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('event_types.list', ctx);
      const types = await inTenant((tenant) => listEventTypes(tenant, page));
      return { status: 200, body: page.present(types, ({ name }) => name, presentEventType) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/event-types',
    operationId: 'event_types.create',
    permission: 'webhook.write',
    summary: 'Create an event type, or a new version of one',
    description:
      'From now on clients publish events of this type and endpoints subscribe to it, by name or by a group such as `invoice.*`. A name that is yours already gets its next version: earlier ones stay readable, events are checked against the newest, everywhere within two seconds.',
    body: EventTypeIn,
    responses: { 201: EventTypeOut },
    errors: ['reserved_event_type', 'conflict'],
    idempotent: true,
    examples: { body: EVENT_TYPE_IN_EXAMPLE, responses: { 201: EVENT_TYPE_EXAMPLE } },
    async handler({ body, actor, inTenant, deps }) {
      const answer = await inTenant(async (tenant) => {
        const { name } = await createEventType(tenant, body);
        return { status: 201 as const, body: presentEventTypeDetail(await getEventType(tenant, name, null)) };
      });
      deps.ownTypes.forget(actor.orgId, body.name);
      return answer;
    },
  }),
  route({
    method: 'GET',
    path: '/admin/event-types/{name}',
    operationId: 'event_types.get',
    permission: 'webhook.read',
    summary: 'Get an event type',
    description: 'With its schema and the list of its versions. `version` asks for an earlier one.',
    params: EventTypeParams,
    query: VersionQuery,
    responses: { 200: EventTypeOut },
    examples: { responses: { 200: EVENT_TYPE_EXAMPLE } },
    async handler({ params, query, inTenant }) {
      const type = await inTenant((tenant) => getEventType(tenant, params.name, query.version ?? null));
      return { status: 200, body: presentEventTypeDetail(type) };
    },
  }),
];
