import type { ApiKey } from '../../db/models/ApiKey.ts';
import { typeId } from '../../server/ids.ts';
import { assertMayGrantPermissions } from '../access/assertMayGrant.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { assertRoom } from '../limits/assertRoom.ts';
import { describeApiKey } from './describe.ts';
import { insertKey } from './insertKey.ts';
import type { NewKeyRow } from './insertKey.ts';

/** `name` and `scopes`, and what is not as by default. */
export type NewApiKeyInput = Pick<NewKeyRow, 'name' | 'scopes'> & Partial<Omit<NewKeyRow, 'predecessor'>>;

/** `key` is shown once: only its digest is stored. */
export interface CreatedApiKey {
  id: string;
  key: string;
  keyId: string;
  last4: string;
  row: ApiKey;
}

/**
 * Creates an API key and its audit entry in the tenant's transaction. `pepper` is API_KEY_PEPPER.
 * Throws permission_denied when a scope goes beyond what the actor holds, plan_limit_reached when the organization has no room for another key.
 */
export async function createApiKey(tenant: TenantContext, pepper: string, input: NewApiKeyInput): Promise<CreatedApiKey> {
  await assertMayGrantPermissions(tenant, input.scopes);
  await assertRoom(tenant, 'api_keys');
  const { row, key } = await insertKey(tenant, pepper, { ...DEFAULTS, ...input });
  await appendAudit(tenant, {
    action: 'api_keys.create',
    category: 'system_config',
    targets: [{ type: 'api_key', id: typeId('key', row.id), name: row.name }],
    after: describeApiKey(row),
  });
  return { id: row.id, key, keyId: row.keyId, last4: row.last4, row };
}

const DEFAULTS: Omit<NewKeyRow, 'name' | 'scopes'> = {
  env: 'live',
  workspaceId: null,
  ownerUserId: null,
  rateLimitPerHour: null,
  allowedIps: [],
  expiresAt: null,
  predecessor: null,
};
