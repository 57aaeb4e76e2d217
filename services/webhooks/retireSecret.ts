import { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import type { TenantContext } from '../context.ts';
import { eraseSecrets } from './eraseSecrets.ts';
import { storedSecrets } from './secrets.ts';

/** Database uuids. */
export interface SecretRef {
  endpointId: string;
  secretId: string;
}

/**
 * Erases a replaced secret whose overlap is over. Returns when that will be, if it is still to come, and null when nothing is left to do:
 * it is gone already, its endpoint was deleted, or it was never replaced.
 */
export async function retireSecret(tenant: TenantContext, { endpointId, secretId }: SecretRef): Promise<Date | null> {
  const { trx, actor, clock } = tenant;
  const webhook = await WebhookEndpoint.query(trx)
    .findOne({ org_id: actor.orgId, id: endpointId })
    .whereNull('deleted_at')
    .forNoKeyUpdate();
  if (!webhook) return null;
  const replaced = (await storedSecrets(trx, actor.orgId, endpointId)).find(({ id }) => id === secretId);
  if (replaced === undefined || replaced.expires_at === null) return null;
  const now = clock.now();
  if (replaced.expires_at > now) return replaced.expires_at;
  const publicKeys = await eraseSecrets(tenant, webhook, [replaced]);
  if (publicKeys.length < webhook.publicKeys.length) await webhook.$query(trx).patch({ publicKeys, updatedAt: now });
  return null;
}
