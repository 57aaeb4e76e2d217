import { WebhookEndpoint } from '../../../db/models/WebhookEndpoint.ts';
import { WebhookReplay } from '../../../db/models/WebhookReplay.ts';
import { finishedDeliveries } from '../../../db/queries/finishedDeliveries.ts';
import { typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { enqueueWake } from '../../outbox/wakes.ts';
import type { PromisedWake } from '../../outbox/wakes.ts';
import { dueAgain } from '../dueAgain.ts';
import { createMissed } from './createMissed.ts';
import type { BatchStep } from './createMissed.ts';

/** A batch lasts about two seconds, so that a pause is soon felt and Temporal has little to do. */
const BATCH_SECONDS = 2;
const MAX_BATCH = 500;

export interface ReplayedBatch {
  replay: WebhookReplay;
  /** To be made after the commit. */
  wakes: PromisedWake[];
}

/**
 * Makes the next deliveries of a running replay, or makes them due, one after the other at its pace. Safe to repeat: rows and position change together,
 * and before its time it does nothing. Null when the replay does not exist.
 */
export async function replayNextBatch(tenant: TenantContext, replayId: string): Promise<ReplayedBatch | null> {
  const { trx, actor, clock } = tenant;
  const replay = await WebhookReplay.query(trx).findOne({ org_id: actor.orgId, id: replayId }).forUpdate();
  if (!replay) return null;
  const now = clock.now();
  if (replay.status !== 'running' || replay.nextBatchAt > now) return { replay, wakes: [] };
  const obstacle = await obstacleOf(tenant, replay);
  if (obstacle !== null) return { replay: await stop(tenant, replay, obstacle), wakes: [] };
  const size = Math.min(MAX_BATCH, replay.perSecond * BATCH_SECONDS);
  const { made, position, done, notBefore } = await (replay.missing ? createMissed : makeDue)(tenant, replay, size);
  const paced = new Date(now.getTime() + (made * 1_000) / replay.perSecond);
  const advanced = await replay.$query(trx).patchAndFetch({
    replayed: replay.replayed + made,
    position,
    nextBatchAt: notBefore !== null && notBefore > paced ? notBefore : paced,
    updatedAt: now,
  });
  const wakes = made === 0 ? [] : await enqueueWake(trx, actor.orgId, [replay.endpointId]);
  return { replay: done ? await stop(tenant, advanced, { status: 'completed', reason: null }) : advanced, wakes };
}

type Stop = Pick<WebhookReplay, 'status' | 'reason'>;

async function obstacleOf({ trx, actor }: TenantContext, { endpointId }: WebhookReplay): Promise<Stop | null> {
  const endpoint = await WebhookEndpoint.query(trx).findOne({ org_id: actor.orgId, id: endpointId }).select('status', 'deleted_at');
  if (!endpoint || endpoint.deletedAt !== null) return { status: 'cancelled', reason: 'endpoint_deleted' };
  return endpoint.status === 'disabled' ? { status: 'paused', reason: 'endpoint_disabled' } : null;
}

async function makeDue({ trx, actor }: TenantContext, replay: WebhookReplay, size: number): Promise<BatchStep> {
  const { endpointId, statuses, eventTypes, since, until, position: after } = replay;
  const scope = { orgId: actor.orgId, endpointId, statuses, eventTypes, since, until, after };
  const rows = await finishedDeliveries(trx, scope).select('id').orderBy('id').limit(size).forUpdate();
  const ids = rows.map(({ id }) => id);
  const step = { made: ids.length, position: ids.at(-1) ?? after, done: ids.length < size, notBefore: null };
  if (ids.length === 0) return step;
  const turn = trx.raw("now() + (array_position(?::uuid[], id) - 1) * ? * interval '1 millisecond'", [ids, 1_000 / replay.perSecond]);
  await trx('deliveries')
    .where({ org_id: actor.orgId })
    .whereRaw('id = ANY(?::uuid[])', [ids])
    .update({ ...dueAgain(trx), next_attempt_at: turn });
  return step;
}

async function stop(tenant: TenantContext, replay: WebhookReplay, { status, reason }: Stop): Promise<WebhookReplay> {
  const now = tenant.clock.now();
  const finishedAt = status === 'paused' ? null : now;
  const stopped = await replay.$query(tenant.trx).patchAndFetch({ status, reason, updatedAt: now, finishedAt });
  await appendAudit(tenant, {
    action: `webhooks.replays.${status}`,
    category: 'data_modification',
    ...(reason !== null && { reason }),
    targets: [
      { type: 'replay', id: typeId('rpl', replay.id) },
      { type: 'webhook', id: typeId('whk', replay.endpointId) },
    ],
    after: { status, replayed: stopped.replayed },
  });
  return stopped;
}
