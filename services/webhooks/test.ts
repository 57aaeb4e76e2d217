import { Delivery } from '../../db/models/Delivery.ts';
import { newId, typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { envelope } from '../events/envelope.ts';
import { insertPublished } from '../events/insertPublished.ts';
import { findExample } from '../eventTypes/example/find.ts';
import { TEST_EVENT_TYPE } from '../eventTypes/registry.ts';
import { enqueueWake } from '../outbox/wakes.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { findWebhook } from './find.ts';

export interface WebhookTest {
  delivery: Delivery;
  /** The body that is posted. */
  payload: { type: string; occurredAt: Date; data: object };
  /** To be handed to the waker after the commit. */
  wakes: PromisedWake[];
}

/**
 * Sends one event to this endpoint alone, whatever it subscribes to, through the same engine as every event: same signature, headers,
 * timeout and retries. With another type than `webhook.test` the body is an example of that type; on record it stays a `webhook.test`,
 * so that nothing takes it for something that happened. Throws not_found, unknown_event_type, example_unavailable.
 */
export async function testWebhook(tenant: TenantContext, id: string, type: string): Promise<WebhookTest> {
  const { trx, actor, clock } = tenant;
  const webhook = await findWebhook(tenant, id);
  const data =
    type === TEST_EVENT_TYPE
      ? { webhook_id: typeId('whk', id), message: 'This is a test of your webhook endpoint.' }
      : await findExample(tenant, type, 'body.event_type');
  const payload = { type, occurredAt: clock.now(), data };
  const [eventId, deliveryId] = [newId(clock), newId(clock)];
  const event = { type: TEST_EVENT_TYPE, occurredAt: payload.occurredAt, workspaceId: webhook.workspaceId, channels: [] };
  await insertPublished(
    trx,
    actor.orgId,
    [{ ...event, id: eventId, payload: envelope(payload) }],
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
    after: { event_type: type },
  });
  return { delivery: await Delivery.query(trx).findOne({ org_id: actor.orgId, id: deliveryId }).throwIfNotFound(), payload, wakes };
}
