import type { ApiKeyView } from '../../db/queries/selectApiKeys.ts';
import { typeId } from '../../server/ids.ts';
import { assertMayGrantPermissions } from '../access/assertMayGrant.ts';
import { usableScopes } from '../access/workspacePermissions.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { assertRoom } from '../limits/assertRoom.ts';
import { assertUsableScopes } from './assertUsableScopes.ts';
import { describeApiKey } from './describe.ts';
import { findApiKey, findUnderPolicy } from './find.ts';
import type { KeyRequestInput } from './issue.ts';
import { assertRateLimit, resolveExpiry } from './policy.ts';

/** What may change of a key; its workspace, its owner and its secret may not. */
export type KeyChanges = Partial<Pick<KeyRequestInput, 'name' | 'scopes' | 'expiresAt' | 'rateLimitPerHour' | 'allowedIps'>>;

/**
 * Changes the settings that are given. Whoever changes a key hands it out again, so the actor must hold every scope that it has then; and every
 * one that it loses, because ending what others may do takes another permission.
 * Throws not_found, conflict (it was revoked or replaced), permission_denied, validation_failed (expiry; scopes beyond the key's workspace), plan_limit_reached (rate, or no place for one that had expired).
 */
export async function updateApiKey(tenant: TenantContext, id: string, changes: KeyChanges): Promise<ApiKeyView> {
  const { trx, clock } = tenant;
  const { key, policy } = await findUnderPolicy(tenant, id, { forChange: true });
  if (key.status === 'revoked' || key.status === 'retired') {
    throw new AppError('conflict', { detail: `The key is ${key.status} for good: nothing can be changed about it.` });
  }
  // Now, because the patch writes into the same object.
  const before = describeApiKey(key);
  const { scopes, allowedIps, expiresAt, rateLimitPerHour, ...plain } = changes;
  if (scopes) assertUsableScopes(scopes, key.workspaceId);
  await assertMayGrantPermissions(tenant, new Set([...usableScopes(key), ...(scopes ?? [])]));
  if (rateLimitPerHour !== undefined) assertRateLimit(rateLimitPerHour, policy);
  const hasExpired = key.expiresAt !== null && key.expiresAt <= clock.now();
  if (hasExpired && expiresAt !== undefined) await assertRoom(tenant, 'api_keys');
  await key.$query(trx).patch({
    ...plain,
    ...(scopes && { scopes: [...scopes] }),
    ...(allowedIps && { allowedIps: [...allowedIps] }),
    ...(rateLimitPerHour !== undefined && { rateLimitPerHour }),
    ...(expiresAt !== undefined && { expiresAt: resolveExpiry(expiresAt, { createdAt: key.createdAt, now: clock.now() }, policy) }),
    updatedAt: clock.now(),
  });
  const changed = await findApiKey(tenant, id);
  await appendAudit(tenant, {
    action: 'api_keys.update',
    category: 'system_config',
    targets: [{ type: 'api_key', id: typeId('key', id), name: changed.name }],
    before,
    after: describeApiKey(changed),
  });
  return changed;
}
