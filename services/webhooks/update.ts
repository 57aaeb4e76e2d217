import type { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { assertSubscribable } from '../eventTypes/subscribable.ts';
import { announceChange } from './announceChange.ts';
import type { WebhookSettings } from './create.ts';
import { sealHeaders } from './customHeaders.ts';
import { describeWebhook } from './describe.ts';
import { assertFilter } from './filter/assert.ts';
import { findWebhook } from './find.ts';
import { assertHeadersAllowed } from './headersPolicy.ts';
import type { OwnershipProof } from './ownership/checks.ts';

/** Throws unknown_event_type, header_not_allowed, validation_failed (filter). */
export async function assertChanges(tenant: TenantContext, { eventTypes, headers, filter }: Partial<WebhookSettings>): Promise<void> {
  if (eventTypes) await assertSubscribable(tenant, eventTypes);
  if (headers) assertHeadersAllowed(headers);
  if (filter) assertFilter(filter);
}

/**
 * Changes the settings that are given; lists and headers are replaced as a whole. A new URL was vetted before, and is unverified
 * unless `proof` is about it. Throws not_found, conflict, and what assertChanges throws.
 */
export async function updateWebhook(
  tenant: TenantContext,
  id: string,
  changes: Partial<WebhookSettings>,
  proof: OwnershipProof | null = null,
): Promise<WebhookEndpoint> {
  const { trx, actor, clock, vault } = tenant;
  const webhook = await findWebhook(tenant, id, { forChange: true });
  // Now, because the patch writes into the same object.
  const before = describeWebhook(webhook);
  const { headers, ...settings } = changes;
  await assertChanges(tenant, changes);
  const verifiedAt = verifiedSince(webhook, settings.url ?? webhook.url, proof);
  const change = {
    ...settings,
    verifiedAt,
    // What was proven fast is another receiver.
    ...(settings.url !== undefined && settings.url !== webhook.url && { lane: 'own' as const, laneSince: clock.now() }),
    ...(headers && { headersSealed: sealHeaders(vault, actor.orgId, id, headers), headerNames: Object.keys(headers) }),
    updatedAt: clock.now(),
  };
  const after = await webhook.$query(trx).patch(change).returning('*').first().throwIfNotFound();
  const announced = announceChange(trx, [id]);
  const audited = appendAudit(tenant, {
    action: 'webhooks.update',
    category: 'system_config',
    targets: [{ type: 'webhook', id: typeId('whk', id), name: after.name }],
    before,
    after: describeWebhook(after),
  });
  // Neither needs the other's answer: they travel together.
  await Promise.all([announced, audited]);
  return after;
}

function verifiedSince(webhook: WebhookEndpoint, url: string, proof: OwnershipProof | null): Date | null {
  if (proof === null) return url === webhook.url ? webhook.verifiedAt : null;
  if (proof.url === url) return proof.verifiedAt;
  throw new AppError('conflict', { detail: 'The URL was changed by somebody else while it was being verified. Send the request again.' });
}
