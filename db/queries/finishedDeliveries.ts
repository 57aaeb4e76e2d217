import type { QueryBuilder } from 'objection';
import type { Transaction } from 'objection';
import { Delivery } from '../models/Delivery.ts';

export interface FinishedScope {
  orgId: string;
  endpointId: string;
  statuses: string[];
  /** null: every type. */
  eventTypes: string[] | null;
  /** When the delivery was made, read off its id: `since` included, `until` not. */
  since: Date | null;
  until: Date;
  /** Only deliveries newer than this one. */
  after: string | null;
}

/** Finished deliveries of one endpoint whose event is still kept, with its payload. */
export function finishedDeliveries(trx: Transaction, scope: FinishedScope): QueryBuilder<Delivery> {
  const { orgId, endpointId, statuses, eventTypes, since, until, after } = scope;
  const query = Delivery.query(trx).where({ org_id: orgId, endpoint_id: endpointId }).whereNull('next_attempt_at');
  void query.whereIn('status', statuses).whereRaw('id < uuidv7_floor(?)', [fromEpoch(until)]);
  void query.whereRaw(
    'EXISTS (SELECT FROM events WHERE events.org_id = deliveries.org_id AND events.id = deliveries.event_id AND events.payload IS NOT NULL)',
  );
  if (eventTypes !== null) void query.whereIn('event_type', eventTypes);
  if (since !== null) void query.whereRaw('id >= uuidv7_floor(?)', [fromEpoch(since)]);
  if (after !== null) void query.where('id', '>', after);
  return query;
}

/** The time in an id has no sign. */
const fromEpoch = (time: Date): Date => (time.getTime() < 0 ? new Date(0) : time);
