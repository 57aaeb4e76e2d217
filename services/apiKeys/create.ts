import { newId, typeId } from '../../server/ids.ts';
import { ApiKey } from '../../db/models/ApiKey.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { Permission } from '../permissions.ts';
import { API_KEY_HASH_VERSION, digestApiKey, newApiKey } from './format.ts';
import type { ApiKeyEnv } from './format.ts';

/** `rateLimitPerHour`: null follows the plan, 0 is no limit. */
export interface NewApiKeyInput {
  name: string;
  scopes: readonly Permission[];
  env?: ApiKeyEnv;
  workspaceId?: string | null;
  /** Set: the key belongs to this user; else to the organization. */
  ownerUserId?: string | null;
  rateLimitPerHour?: number | null;
  expiresAt?: Date | null;
}

/** `key` is shown once: only its digest is stored. */
export interface CreatedApiKey {
  id: string;
  key: string;
  keyId: string;
  last4: string;
}

/**
 * Creates an API key and its audit entry in the tenant's transaction. `pepper` is API_KEY_PEPPER.
 * Throws permission_denied when a scope goes beyond what the actor holds.
 */
export async function createApiKey(tenant: TenantContext, pepper: string, input: NewApiKeyInput): Promise<CreatedApiKey> {
  const { trx, actor, clock } = tenant;
  assertHeld(tenant, input.scopes);
  const { key, keyId, secret, last4 } = newApiKey(input.env ?? 'live');
  const id = newId(clock);
  await ApiKey.query(trx).insert({
    orgId: actor.orgId,
    id,
    workspaceId: input.workspaceId ?? null,
    familyId: id,
    keyId,
    digest: digestApiKey(pepper, secret),
    hashVersion: API_KEY_HASH_VERSION,
    name: input.name,
    env: input.env ?? 'live',
    ownerType: input.ownerUserId ? 'user' : 'organization',
    ownerUserId: input.ownerUserId ?? null,
    scopes: [...input.scopes],
    prefix: key.slice(0, 'sk_live_'.length + 4),
    last4,
    rateLimitPerHour: input.rateLimitPerHour ?? null,
    expiresAt: input.expiresAt ?? null,
    createdAt: clock.now(),
    createdBy: actor.type === 'api_key' || actor.type === 'user' ? actor.id : null,
  });
  await appendAudit(tenant, {
    action: 'api_keys.create',
    category: 'system_config',
    targets: [{ type: 'api_key', id: typeId('key', id), name: input.name }],
    after: { name: input.name, scopes: [...input.scopes], last4 },
  });
  return { id, key, keyId, last4 };
}

function assertHeld({ actor }: TenantContext, scopes: readonly Permission[]): void {
  const missing = scopes.filter((scope) => !actor.permissions.has(scope));
  if (missing.length === 0) return;
  throw new AppError('permission_denied', { detail: `Nobody can grant what they do not hold: ${missing.join(', ')}.` });
}
