import type { Sent } from '../../db/pipeline.ts';
import { changeWebhook } from '../../db/queries/changeWebhook.ts';
import type { WebhookChange } from '../../db/queries/changeWebhook.ts';
import { lockWebhook } from '../../db/queries/readWebhooks.ts';
import type { ShownWebhook } from '../../db/queries/readWebhooks.ts';
import { typeId } from '../../server/ids.ts';
import { askKeysOf, prepareAudit } from '../audit/append.ts';
import type { AuditInput } from '../audit/entry.ts';
import { insertAudit } from '../audit/insertAudit.ts';
import type { ChangeContext, ReadContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { assertSubscribable } from '../eventTypes/subscribable.ts';
import { changeAnnouncement } from './announceChange.ts';
import type { WebhookSettings } from './create.ts';
import { sealHeaders } from './customHeaders.ts';
import { describeWebhook } from './describe.ts';
import { assertFilter } from './filter/assert.ts';
import { assertHeadersAllowed } from './headersPolicy.ts';
import type { OwnershipProof } from './ownership/checks.ts';

/** Throws unknown_event_type, header_not_allowed, validation_failed (filter). */
export async function assertChanges(tenant: ReadContext, { eventTypes, headers, filter }: Partial<WebhookSettings>): Promise<void> {
  if (eventTypes) await assertSubscribable(tenant, eventTypes);
  if (headers) assertHeadersAllowed(headers);
  if (filter) assertFilter(filter);
}

/**
 * Changes the settings that are given; lists and headers are replaced as a whole. A new URL was vetted before, and is unverified
 * unless `proof` is about it. Everything is sent in two goes: what must be known first, and what follows from it.
 * Throws not_found, conflict, and what assertChanges throws.
 */
export async function updateWebhook(
  tenant: ChangeContext,
  id: string,
  changes: Partial<WebhookSettings>,
  proof: OwnershipProof | null = null,
): Promise<Sent<ShownWebhook>> {
  const { trx, actor } = tenant;
  const entry: AuditInput = {
    action: 'webhooks.update',
    category: 'system_config',
    targets: [{ type: 'webhook', id: typeId('whk', id) }],
    before: {},
  };
  const audit = askKeysOf(tenant, entry);
  const locking = lockWebhook(trx, id, actor);
  const judging = assertChanges(tenant, changes);
  judging.catch(() => undefined);
  const webhook = await locking;
  if (!webhook) throw new AppError('not_found');
  await judging;
  const { shown, hidden } = changeOf(tenant, webhook, changes, proof);
  const after = { ...webhook, ...shown };
  const targets = entry.targets.map((target) => ({ ...target, name: after.name }));
  const said = { ...entry, targets, before: describeWebhook(webhook), after: describeWebhook(after) };
  const rows = await prepareAudit(trx, [{ actor, input: said }], audit);
  // Locked since it was read, so what it will be is known, and neither statement needs the other's answer.
  const changing = changeWebhook(trx, { orgId: actor.orgId, id, ...changeAnnouncement([id]) }, { ...shown, ...hidden });
  const written = Promise.all([changing, insertAudit(trx, rows)]).then(([kept]) => ({ ...after, ...kept }));
  return { written };
}

interface Change {
  shown: Partial<ShownWebhook>;
  /** What an endpoint does not show of itself. */
  hidden: WebhookChange;
}

function changeOf(
  { actor, clock, vault }: ChangeContext,
  webhook: ShownWebhook,
  { headers, ...settings }: Partial<WebhookSettings>,
  proof: OwnershipProof | null,
): Change {
  const { url = webhook.url } = settings;
  const headerNames = headers && { headerNames: Object.keys(headers) };
  return {
    shown: { ...settings, ...headerNames, verifiedAt: verifiedSince(webhook, url, proof), updatedAt: clock.now() },
    hidden: {
      // What was proven fast is another receiver.
      ...(url !== webhook.url && { lane: 'own', laneSince: clock.now() }),
      ...(headers && { headersSealed: sealHeaders(vault, actor.orgId, webhook.id, headers) }),
    },
  };
}

function verifiedSince(webhook: ShownWebhook, url: string, proof: OwnershipProof | null): Date | null {
  if (proof === null) return url === webhook.url ? webhook.verifiedAt : null;
  if (proof.url === url) return proof.verifiedAt;
  throw new AppError('conflict', { detail: 'The URL was changed by somebody else while it was being verified. Send the request again.' });
}
