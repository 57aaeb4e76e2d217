import { WebhookReplay } from '../../../db/models/WebhookReplay.ts';
import { finishedDeliveries } from '../../../db/queries/finishedDeliveries.ts';
import type { FinishedScope } from '../../../db/queries/finishedDeliveries.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { assertKnownEventType } from '../../eventTypes/known.ts';
import { enqueueReplay } from '../../outbox/replays.ts';
import type { PromisedReplay } from '../../outbox/replays.ts';
import { findSendable } from '../findSendable.ts';

/** null: no bound, every type. Times are those at which the deliveries were made. */
export interface ReplayFilter {
  since: Date | null;
  until: Date | null;
  eventTypes: string[] | null;
  statuses: ('dead' | 'delivered' | 'cancelled')[];
}

/** More than these are not counted: the answer is "at least". */
const COUNTED = 100_000;

/** How many deliveries a replay would send again, counted up to 100,000. Throws not_found, conflict (disabled), unknown_event_type. */
export async function previewReplay(tenant: TenantContext, webhookId: string, filter: ReplayFilter): Promise<number> {
  await findSendable(tenant, webhookId);
  return finishedDeliveries(tenant.trx, await scopeOf(tenant, webhookId, filter))
    .limit(COUNTED)
    .resultSize();
}

/**
 * Puts a replay on record and promises its workflow. `promise` is to be kept after the commit.
 * Throws as previewReplay does, and conflict while another replay of the endpoint is not finished.
 */
export async function startReplay(
  tenant: TenantContext,
  webhookId: string,
  filter: ReplayFilter,
  perSecond: number,
): Promise<{ replay: WebhookReplay; promise: PromisedReplay }> {
  const { trx, actor, clock } = tenant;
  const webhook = await findSendable(tenant, webhookId);
  const scope = await scopeOf(tenant, webhookId, filter);
  const matching = await finishedDeliveries(trx, scope).limit(COUNTED).resultSize();
  const id = newId(clock);
  const { since, until, eventTypes: event_types, statuses } = scope;
  const asked = { since, until, event_types, statuses, per_second: perSecond, matching };
  const inserted = await trx('webhook_replays')
    .insert({ org_id: actor.orgId, id, endpoint_id: webhookId, ...asked })
    .onConflict()
    .ignore()
    .returning('id');
  if (inserted.length === 0) {
    throw new AppError('conflict', { detail: 'Another replay of this endpoint is not finished. Wait for it, or cancel it.' });
  }
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

async function scopeOf(tenant: TenantContext, endpointId: string, filter: ReplayFilter): Promise<FinishedScope> {
  const { actor, clock } = tenant;
  for (const type of filter.eventTypes ?? []) await assertKnownEventType(tenant, type, 'body.event_types');
  const now = clock.now();
  const until = filter.until === null || filter.until > now ? now : filter.until;
  return { ...filter, orgId: actor.orgId, endpointId, until, after: null };
}
