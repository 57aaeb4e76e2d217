import type { Transaction } from 'objection';
import { Delivery } from '../models/Delivery.ts';

interface DeliveryFilter {
  orgId: string;
  endpointId: string;
  status: string | null;
  eventType: string | null;
  /** Only deliveries older than this one: where the previous page ended. */
  before: string | null;
  limit: number;
}

/** Deliveries of one endpoint, newest first. */
export async function listDeliveries(trx: Transaction, filter: DeliveryFilter): Promise<Delivery[]> {
  const { orgId, endpointId, status, eventType, before, limit } = filter;
  const query = Delivery.query(trx).where({ org_id: orgId, endpoint_id: endpointId }).orderBy('id', 'desc').limit(limit);
  if (status !== null) void query.where({ status });
  if (eventType !== null) void query.where({ event_type: eventType });
  if (before !== null) void query.where('id', '<', before);
  return query;
}
