import { Delivery } from '../../db/models/Delivery.ts';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { enqueueWake } from '../outbox/wakes.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { dueAgain } from './dueAgain.ts';
import { findSendable } from './findSendable.ts';

export interface ReplayedDelivery {
  delivery: Delivery;
  /** To be handed to the waker after the commit. */
  wakes: PromisedWake[];
}

/**
 * Sends a finished delivery again, with the same webhook-id. Throws not_found, and conflict when it is not finished,
 * when the endpoint is disabled, or when the event is no longer kept; payload_erased when its payload is not.
 */
export async function replayDelivery(tenant: TenantContext, webhookId: string, deliveryId: string): Promise<ReplayedDelivery> {
  const { trx, actor } = tenant;
  const webhook = await findSendable(tenant, webhookId);
  const found = await Delivery.query(trx).findOne({ org_id: actor.orgId, endpoint_id: webhookId, id: deliveryId }).forUpdate();
  if (!found) throw new AppError('not_found');
  if (found.nextAttemptAt !== null) {
    throw new AppError('conflict', { detail: `The delivery is ${found.status}: it is sent without a replay. Wait until it is finished.` });
  }
  await assertEventKept(tenant, found.eventId);
  await trx('deliveries').where({ org_id: actor.orgId, id: deliveryId }).update(dueAgain(trx));
  const wakes = await enqueueWake(trx, actor.orgId, [webhookId]);
  await appendAudit(tenant, {
    action: 'webhooks.replay',
    category: 'data_modification',
    targets: [
      { type: 'delivery', id: typeId('dlv', deliveryId) },
      { type: 'webhook', id: typeId('whk', webhookId), name: webhook.name },
    ],
    before: { status: found.status, attempts: found.attempts },
    after: { status: 'pending' },
  });
  return { delivery: await Delivery.query(trx).findOne({ org_id: actor.orgId, id: deliveryId }).throwIfNotFound(), wakes };
}

async function assertEventKept({ trx, actor }: TenantContext, eventId: string): Promise<void> {
  const query = trx('events').where({ org_id: actor.orgId, id: eventId });
  const event = await query.first<{ erasedAt: Date | null } | undefined>('payload_erased_at as erasedAt');
  if (!event) throw new AppError('conflict', { detail: 'The event is no longer kept: there is nothing to send.' });
  if (event.erasedAt === null) return;
  throw new AppError('payload_erased', { detail: `The payload was erased at ${event.erasedAt.toISOString()}: there is nothing to send.` });
}
