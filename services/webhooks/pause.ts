import type { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { announceChange } from './announceChange.ts';
import { findWebhook } from './find.ts';

/**
 * Nothing is sent to the endpoint until it is resumed; events that match go on being kept for it. What is on its way right now finishes.
 * Pausing a paused endpoint changes nothing. Throws not_found, and conflict for one that is disabled: nothing is sent to it anyway.
 */
export async function pauseWebhook(tenant: TenantContext, id: string): Promise<WebhookEndpoint> {
  const { trx, clock } = tenant;
  const webhook = await findWebhook(tenant, id, { forChange: true });
  if (webhook.status === 'paused') return webhook;
  if (webhook.status === 'disabled')
    throw new AppError('conflict', { detail: 'The endpoint is disabled: nothing is sent to it. Resume it to enable it again.' });
  const before = webhook.status;
  const paused = await webhook.$query(trx).patchAndFetch({ status: 'paused', updatedAt: clock.now() });
  await announceChange(trx, [id]);
  await appendAudit(tenant, {
    action: 'webhooks.pause',
    category: 'system_config',
    targets: [{ type: 'webhook', id: typeId('whk', id), name: webhook.name }],
    before: { status: before },
    after: { status: 'paused' },
  });
  return paused;
}
