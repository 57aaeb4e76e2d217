import { acceptAll, allAccepted } from '../../../../services/events/acceptAll.ts';
import { AppError } from '../../../../services/errors/AppError.ts';
import { getEvent } from '../../../../services/events/get.ts';
import { listEvents } from '../../../../services/events/list.ts';
import type { NewEvent, PublishedEvent } from '../../../../services/events/newEvent.ts';
import { publishMetered } from '../../../../services/events/publishMetered.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { BATCH_RESULT_EXAMPLE, EVENT_EXAMPLE, EVENT_IN_EXAMPLE, EVENT_PUBLISHED_EXAMPLE, EVENT_SUMMARY_EXAMPLE } from './examples.ts';
import { fromBatchEntry, fromEventIn, presentBatch, presentEvent, presentEventSummary, presentPublished } from './present.ts';
import { BatchQuery, EventBatch, EventBatchResult, EventFilters, EventIn, EventOut, EventPublished, EventSummary } from './schemas.ts';

export const eventRoutes = [
  route({
    method: 'POST',
    path: '/events',
    operationId: 'events.publish',
    permission: 'event.publish',
    summary: 'Publish an event',
    description:
      'Once this answers 202 the event is on record and every endpoint that subscribes to its type gets it, or shows it as a dead letter. Send an Idempotency-Key to be free to repeat the request.',
    body: EventIn,
    responses: { 202: EventPublished },
    errors: ['unknown_event_type', 'reserved_event_type', 'schema_violation', 'plan_limit_reached'],
    idempotent: true,
    examples: { body: EVENT_IN_EXAMPLE, responses: { 202: EVENT_PUBLISHED_EXAMPLE } },
    async handler({ body, actor, deps, idempotency }) {
      const events = allAccepted(await acceptAll(deps, actor, [{ draft: fromEventIn(body), location: 'body' }]));
      const answer = ([event]: PublishedEvent[]) => ({ status: 202 as const, body: presentPublished(event!) });
      return answer(await publishMetered(deps, { actor, events, claim: idempotency, answer }));
    },
  }),
  route({
    method: 'POST',
    path: '/events/batch',
    operationId: 'events.publish_batch',
    permission: 'event.publish',
    summary: 'Publish up to 1,000 events',
    description:
      'Each event is judged by itself: the answer holds, in the order of the request, its id or the problem with it. What is valid is published together, at once. With `?atomic=true` one refused event refuses them all, and the answer is that problem.',
    query: BatchQuery,
    body: EventBatch,
    responses: { 202: EventBatchResult },
    errors: ['unknown_event_type', 'reserved_event_type', 'schema_violation', 'plan_limit_reached'],
    idempotent: true,
    examples: { body: { events: [EVENT_IN_EXAMPLE] }, responses: { 202: BATCH_RESULT_EXAMPLE } },
    async handler({ query, body, actor, deps, idempotency, requestId }) {
      const accepted = await acceptAll(deps, actor, body.events.map(fromBatchEntry));
      const events = query.atomic ? allAccepted(accepted) : accepted.filter((result): result is NewEvent => !(result instanceof AppError));
      const answer = (published: PublishedEvent[]) => ({ status: 202 as const, body: presentBatch(accepted, published, requestId) });
      if (events.length === 0) return answer([]);
      return answer(await publishMetered(deps, { actor, events, claim: idempotency, answer, action: 'events.publish_batch' }));
    },
  }),
  route({
    method: 'GET',
    path: '/events',
    operationId: 'events.list',
    permission: 'event.read',
    summary: 'List events',
    description: 'Newest first, without their data: read one event for that.',
    query: pageQuery(EventFilters),
    responses: { 200: pageOf(EventSummary) },
    errors: ['unknown_event_type'],
    examples: { responses: { 200: { data: [EVENT_SUMMARY_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ readInTenant, ...ctx }) {
      const page = readPage('events.list', ctx);
      const { type = null, since = null, until = null } = ctx.query;
      const events = await readInTenant((tenant) => listEvents(tenant, { type, since, until }, page));
      return { status: 200, body: page.present(events, ({ id }) => id, presentEventSummary) };
    },
  }),
  route({
    method: 'GET',
    path: '/events/{id}',
    operationId: 'events.get',
    permission: 'event.read',
    summary: 'Get an event',
    description: 'The event as it was published, with its data.',
    params: idParams('evt'),
    responses: { 200: EventOut },
    examples: { responses: { 200: EVENT_EXAMPLE } },
    async handler({ params, readInTenant }) {
      const event = await readInTenant((tenant) => getEvent(tenant, params.id));
      return { status: 200, body: presentEvent(event) };
    },
  }),
];
