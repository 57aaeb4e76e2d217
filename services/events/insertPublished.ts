import { intArray, textArray, timeArray, uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';

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

/** One statement for events and deliveries of an ordinary batch: arrays are sent once and unnested. All are sent before the first is answered. */
export async function insertPublished(sender: Sender, orgId: string, events: EventRow[], deliveries: DeliveryRow[]): Promise<void> {
  if (events.length === 0) return;
  const counts = countByEvent(deliveries);
  const statements = [insertRows(sender, orgId, { events, counts, deliveries: deliveries.slice(0, DELIVERIES_PER_STATEMENT) })];
  for (let start = DELIVERIES_PER_STATEMENT; start < deliveries.length; start += DELIVERIES_PER_STATEMENT) {
    const part = deliveries.slice(start, start + DELIVERIES_PER_STATEMENT);
    statements.push(insertRows(sender, orgId, { events: [], counts, deliveries: part }));
  }
  await Promise.all(statements);
}

interface Rows {
  events: EventRow[];
  counts: Map<string, number>;
  deliveries: DeliveryRow[];
}

async function insertRows(sender: Sender, orgId: string, { events, counts, deliveries }: Rows): Promise<void> {
  await prepared(sender, 'insert-published', INSERT, [
    orgId,
    uuidArray(events.map(({ id }) => id)),
    textArray(events.map(({ type }) => type)),
    timeArray(events.map(({ occurredAt }) => occurredAt)),
    uuidArray(events.map(({ workspaceId }) => workspaceId)),
    textArray(events.map(({ channels }) => arrayText(channels))),
    textArray(events.map(({ payload }) => payload)),
    intArray(events.map(({ id }) => counts.get(id) ?? 0)),
    uuidArray(deliveries.map(({ id }) => id)),
    uuidArray(deliveries.map(({ eventId }) => eventId)),
    textArray(deliveries.map(({ eventType }) => eventType)),
    uuidArray(deliveries.map(({ endpointId }) => endpointId)),
  ]);
}

const INSERT = `
WITH written AS (
  INSERT INTO events (org_id, id, type, occurred_at, workspace_id, channels, payload, deliveries)
  SELECT $1, id, type, occurred_at, workspace_id, channels::text[], payload, deliveries
    FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::uuid[], $6::text[], $7::text[], $8::int[])
      AS t (id, type, occurred_at, workspace_id, channels, payload, deliveries)
)
INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, status, next_attempt_at)
SELECT $1, id, event_id, event_type, endpoint_id, 'pending', now()
  FROM unnest($9::uuid[], $10::uuid[], $11::text[], $12::uuid[]) AS t (id, event_id, event_type, endpoint_id)`;

/** unnest takes arrays of arrays apart, so an array inside one travels as its text. */
const arrayText = (values: string[]): string => `{${values.map((value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;

function countByEvent(deliveries: DeliveryRow[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { eventId } of deliveries) counts.set(eventId, (counts.get(eventId) ?? 0) + 1);
  return counts;
}
