import type { Transaction } from 'objection';
import { prepared } from '../../db/prepared.ts';

export interface EventRow {
  id: string;
  type: string;
  occurredAt: Date;
  workspaceId: string | null;
  channels: string[];
  payload: string;
}

export interface DeliveryRow {
  id: string;
  eventId: string;
  eventType: string;
  endpointId: string;
}

/** A request of 1,000 events may reach 500 endpoints each; one statement of half a million rows would outlive its timeout. */
const DELIVERIES_PER_STATEMENT = 5_000;

/** One statement for events and deliveries of an ordinary batch: arrays are sent once and unnested. */
export async function insertPublished(trx: Transaction, orgId: string, events: EventRow[], deliveries: DeliveryRow[]): Promise<void> {
  if (events.length === 0) return;
  const counts = countByEvent(deliveries);
  await insertRows(trx, orgId, { events, counts, deliveries: deliveries.slice(0, DELIVERIES_PER_STATEMENT) });
  for (let start = DELIVERIES_PER_STATEMENT; start < deliveries.length; start += DELIVERIES_PER_STATEMENT) {
    await insertRows(trx, orgId, { events: [], counts, deliveries: deliveries.slice(start, start + DELIVERIES_PER_STATEMENT) });
  }
}

interface Rows {
  events: EventRow[];
  counts: Map<string, number>;
  deliveries: DeliveryRow[];
}

async function insertRows(trx: Transaction, orgId: string, { events, counts, deliveries }: Rows): Promise<void> {
  await prepared(trx, 'insert-published', INSERT, [
    orgId,
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ occurredAt }) => occurredAt),
    events.map(({ workspaceId }) => workspaceId),
    events.map(({ channels }) => JSON.stringify(channels)),
    events.map(({ payload }) => payload),
    events.map(({ id }) => counts.get(id) ?? 0),
    orgId,
    deliveries.map(({ id }) => id),
    deliveries.map(({ eventId }) => eventId),
    deliveries.map(({ eventType }) => eventType),
    deliveries.map(({ endpointId }) => endpointId),
  ]);
}

const INSERT = `
WITH written AS (
  INSERT INTO events (org_id, id, type, occurred_at, workspace_id, channels, payload, deliveries)
  SELECT ?, id, type, occurred_at, workspace_id, ARRAY(SELECT jsonb_array_elements_text(channels)), payload, deliveries
    FROM unnest(?::uuid[], ?::text[], ?::timestamptz[], ?::uuid[], ?::jsonb[], ?::text[], ?::int[])
      AS t (id, type, occurred_at, workspace_id, channels, payload, deliveries)
)
INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, status, next_attempt_at)
SELECT ?, id, event_id, event_type, endpoint_id, 'pending', now()
  FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::uuid[]) AS t (id, event_id, event_type, endpoint_id)`;

function countByEvent(deliveries: DeliveryRow[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { eventId } of deliveries) counts.set(eventId, (counts.get(eventId) ?? 0) + 1);
  return counts;
}
