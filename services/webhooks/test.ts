import { Delivery } from '../../db/models/Delivery.ts';
import { newId, typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { Actor, TenantContext } from '../context.ts';
import { envelope } from '../events/envelope.ts';
import { insertPublished } from '../events/insertPublished.ts';
import { findExample, makeExample } from '../eventTypes/example/find.ts';
import type { ExampleMaker } from '../eventTypes/example/maker.ts';
import { TEST_EVENT_TYPE } from '../eventTypes/registry.ts';
import { enqueueWake } from '../outbox/wakes.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { runInTenant } from '../runInTenant.ts';
import { findSendable } from './findSendable.ts';

export interface WebhookTest {
  delivery: Delivery;
  /** The body that is posted. */
  payload: { type: string; occurredAt: Date; data: object };
  /** To be handed to the waker after the commit. */
  wakes: PromisedWake[];
}

/** Where a request names the type. */
const LOCATION = 'body.event_type';

/**
 * The data of a test of this type. Making an example may take seconds, so this takes a transaction of its own and is never called inside of one.
 * Throws not_found, conflict (disabled), unknown_event_type, example_unavailable, rate_limited, service_unavailable.
 */
export async function dataOfTest(
  deps: Parameters<typeof runInTenant>[0] & { examples: ExampleMaker },
  actor: Actor,
  id: string,
  type: string,
): Promise<object> {
  if (type === TEST_EVENT_TYPE) return { webhook_id: typeId('whk', id), message: 'This is a test of your webhook endpoint.' };
  const source = await runInTenant(deps, actor, async (tenant) => {
    await findSendable(tenant, id);
    return findExample(tenant, type, LOCATION);
  });
  return 'data' in source ? source.data : makeExample(deps.examples, source.own, LOCATION);
}

/**
 * Sends one event to this endpoint alone, whatever it subscribes to, through the same engine as every event: same signature, headers,
 * timeout and retries. With another type than `webhook.test` the body is an example of that type; on record it stays a `webhook.test`,
 * so that nothing takes it for something that happened. Throws not_found, conflict (disabled).
 */
export async function testWebhook(tenant: TenantContext, id: string, { type, data }: { type: string; data: object }): Promise<WebhookTest> {
  const { trx, actor, clock } = tenant;
  const webhook = await findSendable(tenant, id);
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
