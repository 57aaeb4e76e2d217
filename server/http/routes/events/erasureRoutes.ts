import type { z } from 'zod';
import type { PayloadErasure as ErasureRow } from '../../../../db/models/PayloadErasure.ts';
import { bestEffort } from '../../../../services/bestEffort.ts';
import { erasePayload } from '../../../../services/events/erasePayload.ts';
import { findErasure } from '../../../../services/events/erasures/find.ts';
import { keepErasure } from '../../../../services/events/erasures/keep.ts';
import { placeOf } from '../../../../services/events/erasures/place.ts';
import { startErasure } from '../../../../services/events/erasures/start.ts';
import type { PromisedErasure } from '../../../../services/outbox/erasures.ts';
import { typeId } from '../../../ids.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { ErasePayloads, PayloadErasure } from './erasureSchemas.ts';
import { ERASE_IN_EXAMPLE, ERASURE_EXAMPLE, EVENT_ERASED_EXAMPLE } from './examples.ts';
import { presentEventSummary } from './present.ts';
import { EventSummary } from './schemas.ts';

export const payloadErasureRoutes = [
  route({
    method: 'DELETE',
    path: '/events/{id}/payload',
    operationId: 'events.erase_payload',
    permission: 'privacy.request',
    summary: 'Erase the payload of an event',
    description:
      'What the event said and what receivers answered to it are gone for good; the event, its deliveries and their attempts stay on record. Deliveries that wait are cancelled with `payload_erased`: within about a second it is not sent any more, only what is already on its way is finished. It cannot be replayed. A repeat is harmless.',
    params: idParams('evt'),
    responses: { 200: EventSummary },
    examples: { responses: { 200: EVENT_ERASED_EXAMPLE } },
    async handler({ params, inTenant }) {
      const event = await inTenant((tenant) => erasePayload(tenant, params.id));
      return { status: 200, body: presentEventSummary(event) };
    },
  }),
  route({
    method: 'POST',
    path: '/events/erase-payloads',
    operationId: 'events.erase_payloads',
    permission: 'privacy.request',
    summary: 'Erase the payloads of a data subject',
    description:
      'Every event accepted before this request whose data names the subject at `path` loses its payload, as with a single event. It is done in the background: read the answer again for its progress. `completed` with `erased: 0` says that no event has the value at that place. The value is kept encrypted while it runs, and nowhere afterwards. At most ten run at a time.',
    body: ErasePayloads,
    responses: { 202: PayloadErasure },
    errors: ['conflict'],
    idempotent: true,
    examples: { body: ERASE_IN_EXAMPLE, responses: { 202: ERASURE_EXAMPLE } },
    async handler({ body, inTenant, deps }) {
      const promises: PromisedErasure[] = [];
      const answer = await inTenant(async (tenant) => {
        const { erasure, promise } = await startErasure(tenant, body.subject);
        promises.push(promise);
        return { status: 202 as const, body: presentErasure(erasure) };
      });
      for (const each of promises) void bestEffort(deps.logger, 'the relay starts the erasure', keepErasure(deps, each));
      return answer;
    },
  }),
  route({
    method: 'GET',
    path: '/payload-erasures/{id}',
    operationId: 'events.get_erasure',
    permission: 'privacy.read',
    summary: 'Get an erasure',
    description: 'How far the erasure of the payloads of a data subject is.',
    params: idParams('ers'),
    responses: { 200: PayloadErasure },
    examples: { responses: { 200: ERASURE_EXAMPLE } },
    async handler({ params, inTenant }) {
      const erasure = await inTenant((tenant) => findErasure(tenant, params.id));
      return { status: 200, body: presentErasure(erasure) };
    },
  }),
];

function presentErasure(erasure: ErasureRow): z.input<typeof PayloadErasure> {
  return {
    id: typeId('ers', erasure.id),
    status: erasure.finishedAt === null ? 'running' : 'completed',
    path: placeOf(erasure.path),
    examined: erasure.examined,
    erased: erasure.erased,
    created_at: erasure.createdAt.toISOString(),
    finished_at: erasure.finishedAt?.toISOString() ?? null,
  };
}
