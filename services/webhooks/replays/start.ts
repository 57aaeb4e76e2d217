import { WebhookReplay } from '../../../db/models/WebhookReplay.ts';
import type { WebhookEndpoint } from '../../../db/models/WebhookEndpoint.ts';
import { finishedDeliveries } from '../../../db/queries/finishedDeliveries.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { assertKnownEventType } from '../../eventTypes/known.ts';
import { enqueueReplay } from '../../outbox/replays.ts';
import type { PromisedReplay } from '../../outbox/replays.ts';
import { daysBefore, retentionDays } from '../../retention/days.ts';
import type { Retained } from '../../retention/days.ts';
import { findSendable } from '../findSendable.ts';
import { countMissed } from './countMissed.ts';
import type { Count } from './countMissed.ts';

/** `until` null: now. `eventTypes` null: every type. */
export type ReplayFilter = { until: Date | null; eventTypes: string[] | null } & (FinishedFilter | MissingFilter);

/** Finished deliveries in these states; times are those at which they were made, `since` null: from the first on. */
interface FinishedFilter {
  missing: false;
  since: Date | null;
  statuses: ('dead' | 'delivered' | 'cancelled')[];
}

/** Events that the endpoint wants and has no delivery of; times are those at which they were published. */
interface MissingFilter {
  missing: true;
  since: Date;
  statuses: [];
}

/** More than these are not counted. */
const COUNTED = 100_000;

/** How much a replay would send. Throws not_found, conflict (disabled), unknown_event_type, validation_failed (older than what is kept). */
export async function previewReplay(tenant: TenantContext, webhookId: string, filter: ReplayFilter): Promise<Count> {
  const webhook = await findSendable(tenant, webhookId);
  return count(tenant, webhook, await checked(tenant, filter));
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
  const bounded = await checked(tenant, filter);
  const { matching } = await count(tenant, webhook, bounded);
  const id = newId(clock);
  const { since, until, eventTypes: event_types, statuses, missing } = bounded;
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

type Bounded = ReplayFilter & { until: Date };

/** A replay ends with what is there now: what it makes or finishes itself does not match. */
async function checked(tenant: TenantContext, filter: ReplayFilter): Promise<Bounded> {
  for (const type of filter.eventTypes ?? []) await assertKnownEventType(tenant, type, 'body.event_types');
  const now = tenant.clock.now();
  if (filter.missing) await assertKept(tenant, filter.since);
  return { ...filter, until: filter.until === null || filter.until > now ? now : filter.until };
}

/** What retention has removed would be left out without a word. */
async function assertKept({ trx, actor, clock }: TenantContext, since: Date): Promise<void> {
  const organization = await trx('organizations').where({ id: actor.orgId }).first<Pick<Retained, 'plan' | 'settings'>>('plan', 'settings');
  const days = retentionDays(organization);
  const earliest = daysBefore(clock.now(), days);
  if (since >= earliest) return;
  const message = `lies before what is kept: events are kept for ${days} days, so it must be ${earliest.toISOString()} or later`;
  throw new AppError('validation_failed', {
    detail: 'The range is wider than what is kept.',
    fields: [{ location: 'body.since', message }],
  });
}

async function count({ trx, actor }: TenantContext, webhook: WebhookEndpoint, filter: Bounded): Promise<Count> {
  const scope = { orgId: actor.orgId, endpointId: webhook.id };
  if (filter.missing) return countMissed(trx, webhook, { ...scope, ...filter }, COUNTED);
  const matching = await finishedDeliveries(trx, { ...scope, ...filter, after: null })
    .limit(COUNTED)
    .resultSize();
  return { matching, exact: matching < COUNTED };
}

/** Names what is in the way, unless it has finished since. */
async function anotherRuns({ trx, actor }: TenantContext, webhookId: string): Promise<AppError> {
  const other = await WebhookReplay.query(trx).findOne({ org_id: actor.orgId, endpoint_id: webhookId }).whereNull('finished_at');
  const named = other === undefined ? '' : `, ${typeId('rpl', other.id)},`;
  return new AppError('conflict', { detail: `Another replay of this endpoint${named} is not finished. Wait for it, or cancel it.` });
}
