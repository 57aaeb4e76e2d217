import type { ApiKey } from '../../../db/models/ApiKey.ts';
import { KeyRotation } from '../../../db/models/KeyRotation.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { findApiKey } from '../find.ts';

/** A rotation and the key that it replaces. */
export interface FoundRotation {
  oldKey: ApiKey;
  rotation: KeyRotation;
}

/** The latest rotation of a key. `forChange` locks both rows, the key first, as everybody does. Throws not_found. */
export async function findRotation(tenant: TenantContext, keyId: string, { forChange = false } = {}): Promise<FoundRotation> {
  const oldKey = await findApiKey(tenant, keyId, { forChange });
  const query = KeyRotation.query(tenant.trx).where({ org_id: tenant.actor.orgId, old_key_id: keyId }).orderBy('id', 'desc').first();
  if (forChange) void query.forNoKeyUpdate();
  const rotation = await query;
  if (!rotation) throw new AppError('not_found');
  return { oldKey, rotation };
}
