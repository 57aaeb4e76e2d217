import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { announceChange } from './announceChange.ts';
import { cancelUnfinished } from './cancelUnfinished.ts';
import { describeWebhook } from './describe.ts';
import { findWebhook } from './find.ts';

/**
 * Deletes an endpoint: nobody sees it any more, what waits for it is cancelled, its signing secrets and headers are gone.
 * The row stays for the history of its deliveries. Throws not_found.
 */
export async function deleteWebhook(tenant: TenantContext, id: string): Promise<void> {
  const { trx, actor, clock } = tenant;
  const webhook = await findWebhook(tenant, id);
  // Deliveries before the endpoint: the order in which results are recorded, so the two never wait for each other.
  const cancelled = await cancelUnfinished(trx, actor.orgId, id);
  const now = clock.now();
  const deleted = await webhook.$query(trx).whereNull('deleted_at').patch({ deletedAt: now, updatedAt: now, headersSealed: null });
  if (deleted === 0) throw new AppError('not_found');
  await trx('webhook_secrets').where({ org_id: actor.orgId, endpoint_id: id }).delete();
  await announceChange(trx, [id]);
  await appendAudit(tenant, {
    action: 'webhooks.delete',
    category: 'system_config',
    targets: [{ type: 'webhook', id: typeId('whk', id), name: webhook.name }],
    before: describeWebhook(webhook),
    after: { cancelled_deliveries: cancelled },
  });
}
