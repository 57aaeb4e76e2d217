import type { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { enqueueWake } from '../outbox/wakes.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { announceChange } from './announceChange.ts';
import { findWebhook } from './find.ts';

/**
 * Sends again, what was kept first, and forgets how it failed. Works for a paused and for a disabled endpoint; resuming one that is active changes nothing.
 * `wakes` are to be made after the commit. Throws not_found.
 */
export async function resumeWebhook(tenant: TenantContext, id: string): Promise<{ webhook: WebhookEndpoint; wakes: PromisedWake[] }> {
  const { trx, actor, clock } = tenant;
  const webhook = await findWebhook(tenant, id, { forChange: true });
  if (webhook.status !== 'paused' && webhook.status !== 'disabled') return { webhook, wakes: [] };
  const before = webhook.status;
  const resumed = await webhook.$query(trx).patchAndFetch({
    status: 'active',
    consecutiveFailures: 0,
    failingSince: null,
    heldUntil: null,
    updatedAt: clock.now(),
  });
  await announceChange(trx, [id]);
  await appendAudit(tenant, {
    action: 'webhooks.resume',
    category: 'system_config',
    targets: [{ type: 'webhook', id: typeId('whk', id), name: webhook.name }],
    before: { status: before },
    after: { status: 'active' },
  });
  return { webhook: resumed, wakes: await enqueueWake(trx, actor.orgId, [id]) };
}
