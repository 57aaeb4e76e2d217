import { deadLetters } from '../../../db/queries/deadLetters.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { assertKnownEventType } from '../../eventTypes/known.ts';
import { findWebhook } from '../find.ts';
import { describeFilter, scopeOf, targetOf } from './scope.ts';
import type { DeadLetterFilter } from './scope.ts';
import { countUpTo, takeOldest } from './takeOldest.ts';

/**
 * Takes dead letters off the list, the oldest first: they become `cancelled`, and their attempts stay on record.
 * `remaining` is counted up to 10,000. Throws not_found (endpoint), unknown_event_type.
 */
export async function purgeDeadLetters(
  tenant: TenantContext,
  filter: DeadLetterFilter,
  limit: number,
): Promise<{ purged: number; remaining: number }> {
  const { trx, actor } = tenant;
  if (filter.eventType !== null) await assertKnownEventType(tenant, filter.eventType, 'query.event_type');
  if (filter.webhookId !== null) await findWebhook(tenant, filter.webhookId);
  const scope = scopeOf(actor, filter);
  const ids = (await takeOldest(deadLetters(trx, scope), limit)).map(({ id }) => id);
  if (ids.length === 0) return { purged: 0, remaining: 0 };
  await trx('deliveries').where({ org_id: actor.orgId }).whereRaw('id = ANY(?::uuid[])', [ids]).update({ status: 'cancelled' });
  await appendAudit(tenant, {
    action: 'webhooks.dead_letters.purge',
    category: 'data_modification',
    severity: 'warning',
    targets: [targetOf(actor, filter)],
    after: { ...describeFilter(filter), purged: ids.length },
  });
  return { purged: ids.length, remaining: await countUpTo(deadLetters(trx, scope)) };
}
