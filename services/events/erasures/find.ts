import { PayloadErasure } from '../../../db/models/PayloadErasure.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';

/** An erasure that the actor may see: a credential bound to a workspace sees that workspace's only. Throws not_found. */
export async function findErasure({ trx, actor }: TenantContext, id: string): Promise<PayloadErasure> {
  const query = PayloadErasure.query(trx).findOne({ org_id: actor.orgId, id });
  if (actor.workspaceId !== null) void query.where({ workspace_id: actor.workspaceId });
  const erasure = await query;
  if (!erasure) throw new AppError('not_found');
  return erasure;
}
