import { WebhookReplay } from '../../../db/models/WebhookReplay.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { enqueueReplay } from '../../outbox/replays.ts';
import type { PromisedReplay } from '../../outbox/replays.ts';
import { findSendable } from '../findSendable.ts';
import type { CountedReplay } from './countReplay.ts';

/**
 * Puts a replay on record and promises its workflow. `promise` is to be kept after the commit.
 * Throws not_found, and conflict for an endpoint that is disabled or has another replay that is not finished.
 */
export async function startReplay(
  tenant: TenantContext,
  webhookId: string,
  { filter, matching }: CountedReplay,
  perSecond: number,
): Promise<{ replay: WebhookReplay; promise: PromisedReplay }> {
  const { trx, actor, clock } = tenant;
  const webhook = await findSendable(tenant, webhookId);
  const id = newId(clock);
  const { since, until, eventTypes: event_types, statuses, missing } = filter;
  const asked = { since, until, event_types, statuses, missing, per_second: perSecond, matching };
  const inserted = await trx('webhook_replays')
    .insert({ org_id: actor.orgId, id, endpoint_id: webhookId, ...asked })
    .onConflict()
    .ignore()
    .returning('id');
  if (inserted.length === 0) throw await anotherRuns(tenant, webhookId);
  await appendAudit(tenant, {
    action: 'webhooks.replays.start',
    category: 'data_modification',
    targets: [
      { type: 'replay', id: typeId('rpl', id) },
      { type: 'webhook', id: typeId('whk', webhookId), name: webhook.name },
    ],
    after: { ...asked, since: since?.toISOString() ?? null, until: until.toISOString() },
  });
  const replay = await WebhookReplay.query(trx).findOne({ org_id: actor.orgId, id }).throwIfNotFound();
  return { replay, promise: await enqueueReplay(trx, actor.orgId, id) };
}

/** Names what is in the way, unless it has finished since. */
async function anotherRuns({ trx, actor }: TenantContext, webhookId: string): Promise<AppError> {
  const other = await WebhookReplay.query(trx).findOne({ org_id: actor.orgId, endpoint_id: webhookId }).whereNull('finished_at');
  const named = other === undefined ? '' : `, ${typeId('rpl', other.id)},`;
  return new AppError('conflict', { detail: `Another replay of this endpoint${named} is not finished. Wait for it, or cancel it.` });
}
