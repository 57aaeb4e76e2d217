import { ApiKey } from '../../db/models/ApiKey.ts';
import { newId } from '../../server/ids.ts';
import { usableScopes } from '../access/workspacePermissions.ts';
import type { TenantContext } from '../context.ts';
import type { Permission } from '../permissions.ts';
import { API_KEY_HASH_VERSION, digestApiKey, newApiKey } from './format.ts';
import type { ApiKeyEnv } from './format.ts';

/** What a key's row says, checked before. `rateLimitPerHour`: null follows the plan, 0 is no limit. */
export interface NewKeyRow {
  name: string;
  scopes: readonly Permission[];
  env: ApiKeyEnv;
  workspaceId: string | null;
  /** null: the organization's own. */
  ownerUserId: string | null;
  rateLimitPerHour: number | null;
  /** Canonical blocks (canonicalCidr); none: from anywhere. */
  allowedIps: readonly string[];
  expiresAt: Date | null;
  /** The key that this one succeeds; null: it begins a family of its own. */
  predecessor: Pick<ApiKey, 'id' | 'familyId'> | null;
}

/** `key` is shown once: only its digest is stored. */
export interface InsertedKey {
  row: ApiKey;
  key: string;
}

const PREFIX_LENGTH = 'sk_live_'.length + 4;

/** Makes a key and stores its row; whether the actor may, and telling the audit log, is the caller's. `pepper` is API_KEY_PEPPER. */
export async function insertKey(
  tenant: TenantContext,
  pepper: string,
  { predecessor, scopes, allowedIps, ...input }: NewKeyRow,
): Promise<InsertedKey> {
  const { trx, actor, clock } = tenant;
  const { key, keyId, secret, last4 } = newApiKey(input.env);
  const id = newId(clock);
  const row = await ApiKey.query(trx).insertAndFetch({
    ...input,
    orgId: actor.orgId,
    id,
    familyId: predecessor?.familyId ?? id,
    predecessorId: predecessor?.id ?? null,
    keyId,
    digest: digestApiKey(pepper, secret),
    hashVersion: API_KEY_HASH_VERSION,
    ownerType: input.ownerUserId === null ? 'organization' : 'user',
    scopes: usableScopes({ scopes, workspaceId: input.workspaceId }),
    allowedIps: [...allowedIps],
    prefix: key.slice(0, PREFIX_LENGTH),
    last4,
    createdAt: clock.now(),
    createdBy: actor.type === 'api_key' || actor.type === 'user' ? actor.id : null,
  });
  return { row, key };
}
