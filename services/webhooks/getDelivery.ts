import { listAttempts } from '../../db/queries/listAttempts.ts';
import { Delivery } from '../../db/models/Delivery.ts';
import type { DeliveryAttempt } from '../../db/models/DeliveryAttempt.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { findWebhook } from './find.ts';

export interface DeliveryWithAttempts {
  delivery: Delivery;
  attempts: DeliveryAttempt[];
}

/** One delivery of an endpoint with every attempt. Throws not_found for either. */
export async function getDelivery(tenant: TenantContext, webhookId: string, deliveryId: string): Promise<DeliveryWithAttempts> {
  const { trx, actor } = tenant;
  const { id: endpointId } = await findWebhook(tenant, webhookId);
  const delivery = await Delivery.query(trx).findOne({ org_id: actor.orgId, endpoint_id: endpointId, id: deliveryId });
  if (!delivery) throw new AppError('not_found');
  return { delivery, attempts: await listAttempts(trx, actor.orgId, deliveryId) };
}
