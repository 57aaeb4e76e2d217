import type { Knex } from 'knex';
import { toAppError } from '../../db/errors.ts';
import { findApiKey } from '../../db/queries/findApiKey.ts';
import type { FoundApiKey } from '../../db/queries/findApiKey.ts';
import { isPermission } from '../permissions.ts';
import { isPlan } from '../plans.ts';
import type { KeyRecord } from './authenticate.ts';

/** The key behind a public key id, or null. Scopes that the registry does not know (any more) grant nothing. Throws service_unavailable. */
export async function findKey(knex: Knex, keyId: string): Promise<KeyRecord | null> {
  try {
    const found = await findApiKey(knex, keyId);
    return found && toRecord(found);
  } catch (error) {
    throw toAppError(error);
  }
}

const toRecord = (found: FoundApiKey): KeyRecord => ({
  id: found.id,
  orgId: found.org_id,
  workspaceId: found.workspace_id,
  name: found.name,
  digest: found.digest,
  permissions: new Set(found.scopes.filter(isPermission)),
  plan: isPlan(found.org_plan) ? found.org_plan : 'free',
  organizationDeleted: found.org_deleted,
  rateLimitPerHour: found.rate_limit_per_hour,
  expiresAt: found.expires_at,
  revokedAt: found.revoked_at,
});
