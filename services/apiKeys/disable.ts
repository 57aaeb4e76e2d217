import type { ApiKeyView } from '../../db/queries/selectApiKeys.ts';
import { typeId } from '../../server/ids.ts';
import { assertMayGrantPermissions } from '../access/assertMayGrant.ts';
import { usableScopes } from '../access/workspacePermissions.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { findApiKey } from './find.ts';

/** Why a key was switched off: by somebody who may, or because it was reported as leaked. */
export type DisabledReason = 'manual' | 'leaked';

/** Switches a key off until it is enabled again. Repeating changes nothing. Throws not_found, conflict when it was revoked. */
export async function disableApiKey(tenant: TenantContext, id: string): Promise<ApiKeyView> {
  const { trx, clock } = tenant;
  const key = await findApiKey(tenant, id, { forChange: true });
  if (key.revokedAt) throw revoked();
  if (key.disabledAt) return key;
  await key.$query(trx).patch({ disabledAt: clock.now(), disabledReason: 'manual' satisfies DisabledReason, updatedAt: clock.now() });
  await appendAudit(tenant, {
    action: 'api_keys.disable',
    category: 'system_config',
    severity: 'warning',
    targets: [{ type: 'api_key', id: typeId('key', id), name: key.name }],
  });
  return findApiKey(tenant, id);
}

/**
 * Switches a disabled key on again. Whoever does hands it out again, so they must hold its scopes. Repeating changes nothing.
 * Throws not_found, conflict when it was revoked, permission_denied.
 */
export async function enableApiKey(tenant: TenantContext, id: string): Promise<ApiKeyView> {
  const { trx, clock } = tenant;
  const key = await findApiKey(tenant, id, { forChange: true });
  if (key.revokedAt) throw revoked();
  if (!key.disabledAt) return key;
  await assertMayGrantPermissions(tenant, usableScopes(key));
  const before = { disabled_at: key.disabledAt.toISOString(), disabled_reason: key.disabledReason };
  await key.$query(trx).patch({ disabledAt: null, disabledReason: null, updatedAt: clock.now() });
  await appendAudit(tenant, {
    action: 'api_keys.enable',
    category: 'system_config',
    severity: 'warning',
    targets: [{ type: 'api_key', id: typeId('key', id), name: key.name }],
    before,
  });
  return findApiKey(tenant, id);
}

const revoked = (): AppError => new AppError('conflict', { detail: 'The key was revoked, which is for good. Create a new one.' });
