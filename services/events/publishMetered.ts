import type { EventMeter } from '../usage/eventMeter.ts';
import type { PublishRequest, PublishedEvent } from './newEvent.ts';
import type { EventPublisher } from './publisher.ts';

/** Publishes what a client sent, counted against the events of its organization's month. Throws plan_limit_reached, and what publishing throws. */
export async function publishMetered(
  { publisher, eventMeter }: { publisher: EventPublisher; eventMeter: EventMeter },
  request: PublishRequest,
): Promise<PublishedEvent[]> {
  const { orgId } = request.actor;
  eventMeter.take(orgId, request.events.length);
  try {
    return await publisher.publish(request);
  } catch (error) {
    eventMeter.giveBack(orgId, request.events.length);
    throw error;
  }
}
