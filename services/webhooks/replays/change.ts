import type { WebhookReplay } from '../../../db/models/WebhookReplay.ts';
import { typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { enqueueReplay } from '../../outbox/replays.ts';
import type { PromisedReplay } from '../../outbox/replays.ts';
import { findSendable } from '../findSendable.ts';
import { findReplay } from './find.ts';

const BECOMES = { pause: 'paused', resume: 'running', cancel: 'cancelled' } as const;

/**
 * Pauses, resumes or cancels a replay; what is due already is sent. A replay that is in that state changes nothing.
 * `promises` are to be kept after the commit. Throws not_found, and conflict when it is finished, or resumed for a disabled endpoint.
 */
export async function changeReplay(
  tenant: TenantContext,
  webhookId: string,
  replayId: string,
  change: keyof typeof BECOMES,
): Promise<{ replay: WebhookReplay; promises: PromisedReplay[] }> {
  const { trx, actor, clock } = tenant;
  const replay = await findReplay(tenant, webhookId, replayId, { forChange: true });
  const status = BECOMES[change];
  if (replay.status === status) return { replay, promises: [] };
  if (replay.finishedAt !== null) throw new AppError('conflict', { detail: `The replay is ${replay.status} already.` });
  if (change === 'resume') await findSendable(tenant, webhookId);
  const now = clock.now();
  const before = { status: replay.status };
  const finishedAt = change === 'cancel' ? now : null;
  const changed = await replay.$query(trx).patchAndFetch({ status, reason: null, nextBatchAt: now, updatedAt: now, finishedAt });
  await appendAudit(tenant, {
    action: `webhooks.replays.${change}`,
    category: 'data_modification',
    targets: [
      { type: 'replay', id: typeId('rpl', replayId) },
      { type: 'webhook', id: typeId('whk', webhookId) },
    ],
    before,
    after: { status, replayed: replay.replayed },
  });
  return { replay: changed, promises: [await enqueueReplay(trx, actor.orgId, replayId)] };
}
