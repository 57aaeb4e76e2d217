import { Delivery } from '../../db/models/Delivery.ts';
import { newId, typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { envelope } from '../events/envelope.ts';
import { insertPublished } from '../events/insertPublished.ts';
import { TEST_EVENT_TYPE } from '../eventTypes/registry.ts';
import { enqueueWake } from '../outbox/wakes.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { findWebhook } from './find.ts';

export interface WebhookTest {
  delivery: Delivery;
  /** To be handed to the waker after the commit. */
  wakes: PromisedWake[];
}

/**
 * Sends a `webhook.test` event to this endpoint alone, whatever it subscribes to, through the same engine as every event:
 * same signature, headers, timeout and retries. Throws not_found.
 */
export async function testWebhook(tenant: TenantContext, id: string): Promise<WebhookTest> {
  const { trx, actor, clock } = tenant;
  const webhook = await findWebhook(tenant, id);
  const occurredAt = clock.now();
  const event = { type: TEST_EVENT_TYPE, occurredAt, workspaceId: webhook.workspaceId, channels: [] };
  const data = { webhook_id: typeId('whk', id), message: 'This is a test of your webhook endpoint.' };
  const [eventId, deliveryId] = [newId(clock), newId(clock)];
  await insertPublished(
    trx,
    actor.orgId,
    [{ ...event, id: eventId, payload: envelope({ ...event, data }) }],
    [{ id: deliveryId, eventId, eventType: TEST_EVENT_TYPE, endpointId: id }],
  );
  const wakes = await enqueueWake(trx, actor.orgId, [id]);
  await appendAudit(tenant, {
    action: 'webhooks.test',
    category: 'data_modification',
    targets: [
      { type: 'webhook', id: typeId('whk', id), name: webhook.name },
      { type: 'event', id: typeId('evt', eventId) },
    ],
  });
  return { delivery: await Delivery.query(trx).findOne({ org_id: actor.orgId, id: deliveryId }).throwIfNotFound(), wakes };
}
