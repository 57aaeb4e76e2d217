import type { Transaction } from 'objection';
import type { WebhookEndpoint } from '../../../db/models/WebhookEndpoint.ts';
import { eventData, eventsWithoutDelivery } from '../../../db/queries/eventsWithoutDelivery.ts';
import type { EventRange, EventsLookedAt, UndeliveredEvent } from '../../../db/queries/eventsWithoutDelivery.ts';
import { matchSubscriptions } from '../../events/match.ts';
import type { Subscription } from '../../events/match.ts';
import { compileFilter } from '../filter/match.ts';

/** Events of a range that the endpoint wants and has no delivery of. */
export interface Missed {
  missed: UndeliveredEvent[];
  looked: number;
  /** Of payloads, that were read. */
  bytes: number;
  /** The newest event that was looked at; null: the range holds no more. */
  last: string | null;
}

/** So much of payloads, or a single one, is read and parsed before others have their turn: about 5 ms. */
const READ_BYTES = 512 * 1024;

/**
 * Looks at the next events of the range, with the rules that hold when an event is published, as the endpoint's settings are now.
 * Ends before `range.limit` events when `mostBytes` of payloads were read.
 */
export async function lookForMissed(trx: Transaction, endpoint: WebhookEndpoint, range: EventRange, mostBytes = Infinity): Promise<Missed> {
  const { undelivered, looked, last }: EventsLookedAt = await eventsWithoutDelivery(trx, range);
  const { id, eventTypes, channels, workspaceId, filter } = endpoint;
  const subscription = { id, eventTypes, channels, workspaceId, accepts: () => true };
  const wanted = undelivered.filter((event) => wants(subscription, event, {}));
  if (filter === null) return { missed: wanted, looked, bytes: 0, last };
  const filtered = { ...subscription, accepts: compileFilter(filter) };
  const missed: UndeliveredEvent[] = [];
  let bytes = 0;
  let read: string | undefined;
  for (const some of bySize(wanted)) {
    if (read !== undefined && bytes >= mostBytes) return { missed, looked, bytes, last: read };
    const ids = some.map((event) => event.id);
    const data = await eventData(trx, range.orgId, ids);
    missed.push(...some.filter((event) => data.has(event.id) && wants(filtered, event, data.get(event.id) ?? {})));
    bytes += some.reduce((sum, event) => sum + event.payloadBytes, 0);
    read = ids.at(-1);
  }
  return { missed, looked, bytes, last };
}

const wants = (subscription: Subscription, { type, channels, workspaceId }: UndeliveredEvent, data: object): boolean =>
  matchSubscriptions({ type, channels, workspaceId, data }, [subscription]).length > 0;

function* bySize(events: UndeliveredEvent[]): Generator<UndeliveredEvent[]> {
  let some: UndeliveredEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    if (some.length > 0 && bytes + event.payloadBytes > READ_BYTES) {
      yield some;
      [some, bytes] = [[], 0];
    }
    some.push(event);
    bytes += event.payloadBytes;
  }
  if (some.length > 0) yield some;
}
