import { sendableDeadLetters } from '../../../db/queries/deadLetters.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { assertKnownEventType } from '../../eventTypes/known.ts';
import { enqueueWake } from '../../outbox/wakes.ts';
import type { PromisedWake } from '../../outbox/wakes.ts';
import { dueAgain } from '../dueAgain.ts';
import { findSendable } from '../findSendable.ts';
import { describeFilter, scopeOf, targetOf } from './scope.ts';
import type { DeadLetterFilter } from './scope.ts';
import { countUpTo, takeOldest } from './takeOldest.ts';

export interface Requeued {
  requeued: number;
  /** What a repeat would find, counted up to 10,000. */
  remaining: number;
  /** To be handed to the waker after the commit. */
  wakes: PromisedWake[];
}

/**
 * Sends dead letters again, the oldest first. Left out are those of disabled endpoints and those whose event is no longer kept.
 * Throws unknown_event_type, and for the endpoint that is named not_found and conflict (disabled).
 */
export async function requeueDeadLetters(tenant: TenantContext, filter: DeadLetterFilter, limit: number): Promise<Requeued> {
  const { trx, actor } = tenant;
  if (filter.eventType !== null) await assertKnownEventType(tenant, filter.eventType, 'body.event_type');
  if (filter.webhookId !== null) await findSendable(tenant, filter.webhookId);
  const scope = scopeOf(actor, filter);
  const taken = await takeOldest(sendableDeadLetters(trx, scope), limit);
  if (taken.length === 0) return { requeued: 0, remaining: 0, wakes: [] };
  const ids = taken.map(({ id }) => id);
  await trx('deliveries').where({ org_id: actor.orgId }).whereRaw('id = ANY(?::uuid[])', [ids]).update(dueAgain(trx));
  const wakes = await enqueueWake(trx, actor.orgId, [...new Set(taken.map(({ endpointId }) => endpointId))]);
  await appendAudit(tenant, {
    action: 'webhooks.dead_letters.requeue',
    category: 'data_modification',
    targets: [targetOf(actor, filter)],
    after: { ...describeFilter(filter), requeued: ids.length },
  });
  return { requeued: ids.length, remaining: await countUpTo(sendableDeadLetters(trx, scope)), wakes };
}
