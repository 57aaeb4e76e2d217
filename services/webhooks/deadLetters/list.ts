import type { Delivery } from '../../../db/models/Delivery.ts';
import { deadLetters } from '../../../db/queries/deadLetters.ts';
import type { TenantContext } from '../../context.ts';
import { assertKnownEventType } from '../../eventTypes/known.ts';
import type { Slice } from '../../slice.ts';
import { findWebhook } from '../find.ts';
import { scopeOf } from './scope.ts';
import type { DeadLetterFilter } from './scope.ts';

/** The deliveries that gave up, of every endpoint the actor may see, newest first. Throws not_found (endpoint), unknown_event_type. */
export async function listDeadLetters(tenant: TenantContext, filter: DeadLetterFilter, { after, fetch }: Slice): Promise<Delivery[]> {
  if (filter.eventType !== null) await assertKnownEventType(tenant, filter.eventType, 'query.event_type');
  if (filter.webhookId !== null) await findWebhook(tenant, filter.webhookId);
  const query = deadLetters(tenant.trx, scopeOf(tenant.actor, filter)).orderBy('id', 'desc').limit(fetch);
  if (after !== null) void query.where('id', '<', after);
  return query;
}
