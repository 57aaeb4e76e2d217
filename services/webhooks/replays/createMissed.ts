import { lockInTenant } from '../../../db/lockInTenant.ts';
import { WebhookEndpoint } from '../../../db/models/WebhookEndpoint.ts';
import type { WebhookReplay } from '../../../db/models/WebhookReplay.ts';
import type { UndeliveredEvent } from '../../../db/queries/eventsWithoutDelivery.ts';
import { newId } from '../../../server/ids.ts';
import type { TenantContext } from '../../context.ts';
import { PAYLOADS } from '../../events/erasePayloads.ts';
import { lookForMissed } from './missed.ts';

/** What a batch did: how many became due, where it stands, whether the end is reached, and when that can be known if it is not yet. */
export interface BatchStep {
  made: number;
  position: string | null;
  done: boolean;
  notBefore: Date | null;
}

/** An event has its id a moment before its transaction commits: what is younger than this may still be on its way. */
const SETTLED_MS = 2_000;
const PAGE = 1_000;
/** A batch that finds nothing among so many events goes on in the next one, so that a transaction stays short. */
const MOST_LOOKED_AT = 20_000;

/** Makes deliveries, due one after the other at the replay's pace, of at most `size` events that the endpoint missed. */
export async function createMissed(tenant: TenantContext, replay: WebhookReplay, size: number): Promise<BatchStep> {
  const { trx, actor, clock } = tenant;
  const endpoint = await WebhookEndpoint.query(trx).findOne({ org_id: actor.orgId, id: replay.endpointId }).throwIfNotFound();
  const settledAt = new Date(clock.now().getTime() - SETTLED_MS);
  const settled = replay.until <= settledAt;
  const { eventTypes, since } = replay;
  const range = { orgId: actor.orgId, endpointId: endpoint.id, eventTypes, since: since ?? new Date(0), limit: PAGE };
  const missed: UndeliveredEvent[] = [];
  let position = replay.position;
  let ended = false;
  for (let looked = 0; looked < MOST_LOOKED_AT && !ended && missed.length < size;) {
    const page = await lookForMissed(trx, endpoint, { ...range, until: settled ? replay.until : settledAt, after: position });
    const taken = page.missed.slice(0, size - missed.length);
    missed.push(...taken);
    looked += page.looked;
    ended = page.last === null && missed.length < size;
    position = (missed.length < size ? page.last : null) ?? taken.at(-1)?.id ?? position;
  }
  const made = await insertDeliveries(tenant, replay, missed);
  const notBefore = ended && !settled ? new Date(replay.until.getTime() + SETTLED_MS) : null;
  return { made, position, done: ended && settled, notBefore };
}

/** What has a delivery meanwhile is left alone: an event and an endpoint have one. */
async function insertDeliveries({ trx, actor }: TenantContext, replay: WebhookReplay, events: UndeliveredEvent[]): Promise<number> {
  if (events.length === 0) return 0;
  await lockInTenant(trx, actor.orgId, PAYLOADS, 'shared');
  const { rows } = await trx.raw<{ rows: object[] }>(
    `INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, status, replay, next_attempt_at)
     SELECT ?, id, event_id, event_type, ?, 'pending', true, now() + (turn - 1) * ? * interval '1 millisecond'
       FROM unnest(?::uuid[], ?::uuid[], ?::text[]) WITH ORDINALITY AS t (id, event_id, event_type, turn)
     ON CONFLICT (org_id, event_id, endpoint_id) DO NOTHING RETURNING id`,
    [
      actor.orgId,
      replay.endpointId,
      1_000 / replay.perSecond,
      events.map(() => newId()),
      events.map(({ id }) => id),
      events.map(({ type }) => type),
    ],
  );
  return rows.length;
}
