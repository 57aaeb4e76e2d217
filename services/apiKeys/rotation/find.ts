import { ApiKey } from '../../../db/models/ApiKey.ts';
import { KeyRotation } from '../../../db/models/KeyRotation.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';

/** A rotation and the key that it replaces. */
export interface FoundRotation {
  oldKey: ApiKey;
  rotation: KeyRotation;
}

/** A key that the actor may see: a credential bound to a workspace sees that workspace's only. `forChange` locks it. Throws not_found. */
export async function findKeyOf({ trx, actor }: TenantContext, id: string, { forChange = false } = {}): Promise<ApiKey> {
  const query = ApiKey.query(trx).findOne({ org_id: actor.orgId, id });
  if (actor.workspaceId !== null) void query.where({ workspace_id: actor.workspaceId });
  if (forChange) void query.forNoKeyUpdate();
  const key = await query;
  if (!key) throw new AppError('not_found');
  return key;
}

/** The latest rotation of a key. `forChange` locks both rows, the key first, as everybody does. Throws not_found. */
export async function findRotation(tenant: TenantContext, keyId: string, { forChange = false } = {}): Promise<FoundRotation> {
  const oldKey = await findKeyOf(tenant, keyId, { forChange });
  const query = KeyRotation.query(tenant.trx).where({ org_id: tenant.actor.orgId, old_key_id: keyId }).orderBy('id', 'desc').first();
  if (forChange) void query.forNoKeyUpdate();
  const rotation = await query;
  if (!rotation) throw new AppError('not_found');
  return { oldKey, rotation };
}
