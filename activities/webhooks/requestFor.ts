import { typeId } from '../../server/ids.ts';
import type { ClaimedDelivery } from '../../services/webhooks/claim.ts';
import type { DeliveryTarget } from '../../services/webhooks/target.ts';
import type { WebhookPost } from './postWebhook.ts';
import { requestHeaders } from './requestHeaders.ts';

/** The request of one attempt, signed now. */
export function requestFor(delivery: ClaimedDelivery, target: DeliveryTarget): WebhookPost {
  const message = { id: typeId('evt', delivery.eventId), timestampSeconds: Math.floor(Date.now() / 1_000), body: delivery.payload };
  return { url: target.url, headers: requestHeaders(target, message, delivery), body: delivery.payload, timeoutMs: target.timeoutMs };
}
