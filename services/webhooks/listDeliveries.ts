import type { Delivery } from '../../db/models/Delivery.ts';
import { listDeliveries as queryDeliveries } from '../../db/queries/listDeliveries.ts';
import type { TenantContext } from '../context.ts';
import { assertKnownEventType } from '../eventTypes/known.ts';
import type { Slice } from '../slice.ts';
import { findWebhook } from './find.ts';

/** null: every one. */
export interface DeliveryFilter {
  status: Delivery['status'] | null;
  eventType: string | null;
}

/** Deliveries of one endpoint, newest first. Throws not_found (endpoint), unknown_event_type (filter). */
export async function listDeliveries(
  tenant: TenantContext,
  webhookId: string,
  filter: DeliveryFilter,
  { after, fetch }: Slice,
): Promise<Delivery[]> {
  if (filter.eventType !== null) await assertKnownEventType(tenant, filter.eventType, 'query.event_type');
  const { id: endpointId } = await findWebhook(tenant, webhookId);
  return queryDeliveries(tenant.trx, { orgId: tenant.actor.orgId, endpointId, ...filter, before: after, limit: fetch });
}
