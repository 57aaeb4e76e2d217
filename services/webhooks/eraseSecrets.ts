import type { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { publicKeyOf } from './secrets.ts';
import type { StoredSecret } from './secrets.ts';

/**
 * Erases secrets of an endpoint, each with its audit entry, and returns the public keys that are left (v1a), for the caller to store.
 * The endpoint's row must be locked.
 */
export async function eraseSecrets(tenant: TenantContext, webhook: WebhookEndpoint, secrets: StoredSecret[]): Promise<string[]> {
  const { trx, actor, vault } = tenant;
  const ids = secrets.map(({ id }) => id);
  const keys = new Set(webhook.signature === 'v1a' ? secrets.map((secret) => publicKeyOf(vault, actor.orgId, secret)) : []);
  await trx('webhook_secrets').where({ org_id: actor.orgId, endpoint_id: webhook.id }).whereIn('id', ids).delete();
  for (const { id, expires_at: until } of secrets) {
    await appendAudit(tenant, {
      action: 'webhooks.secret_retired',
      category: 'system_config',
      targets: [{ type: 'webhook', id: typeId('whk', webhook.id), name: webhook.name }],
      before: { secret_id: typeId('sec', id), expires_at: until?.toISOString() ?? null },
    });
  }
  return webhook.publicKeys.filter((key) => !keys.has(key));
}
