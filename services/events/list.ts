import { listEvents as queryEvents } from '../../db/queries/readEvents.ts';
import type { ListedEvent } from '../../db/queries/readEvents.ts';
import type { ReadContext } from '../context.ts';
import { assertKnownEventType } from '../eventTypes/known.ts';
import { EVENT_TYPES } from '../eventTypes/registry.ts';
import type { Slice } from '../slice.ts';

/** null: no bound. Times are those of acceptance. */
export interface EventFilter {
  type: string | null;
  since: Date | null;
  until: Date | null;
}

/** The events that the actor may see, newest first, without their payload. Throws unknown_event_type (filter). */
export async function listEvents(tenant: ReadContext, filter: EventFilter, { after, fetch }: Slice): Promise<ListedEvent[]> {
  const { trx, actor } = tenant;
  const ownType = filter.type === null || EVENT_TYPES.has(filter.type) ? null : filter.type;
  // Both are asked at once: a read travels in one message (readInTenant).
  const [events] = await Promise.all([
    queryEvents(trx, { orgId: actor.orgId, workspaceId: actor.workspaceId, ...filter, ownType, before: after, limit: fetch }),
    filter.type !== null && assertKnownEventType(tenant, filter.type, 'query.type'),
  ]);
  return events;
}
