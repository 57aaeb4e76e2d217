import type { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { assertSubscribable } from '../eventTypes/subscribable.ts';
import type { WebhookSettings } from './create.ts';
import { sealHeaders } from './customHeaders.ts';
import { describeWebhook } from './describe.ts';
import { assertFilter } from './filter/assert.ts';
import { findWebhook } from './find.ts';
import { assertHeadersAllowed } from './headersPolicy.ts';

/**
 * Changes the settings that are given; lists and headers are replaced as a whole. A new URL was vetted before.
 * Throws not_found, unknown_event_type, header_not_allowed, validation_failed (filter).
 */
export async function updateWebhook(tenant: TenantContext, id: string, changes: Partial<WebhookSettings>): Promise<WebhookEndpoint> {
  const { trx, actor, clock, vault } = tenant;
  const webhook = await findWebhook(tenant, id, { forChange: true });
  // Now, because the patch writes into the same object.
  const before = describeWebhook(webhook);
  const { headers, ...settings } = changes;
  if (settings.eventTypes) await assertSubscribable(tenant, settings.eventTypes);
  if (headers) assertHeadersAllowed(headers);
  if (settings.filter) assertFilter(settings.filter);
  const after = await webhook.$query(trx).patchAndFetch({
    ...settings,
    ...(headers && { headersSealed: sealHeaders(vault, actor.orgId, id, headers), headerNames: Object.keys(headers) }),
    updatedAt: clock.now(),
  });
  await appendAudit(tenant, {
    action: 'webhooks.update',
    category: 'system_config',
    targets: [{ type: 'webhook', id: typeId('whk', id), name: after.name }],
    before,
    after: describeWebhook(after),
  });
  return after;
}
