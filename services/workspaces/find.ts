import { Workspace } from '../../db/models/Workspace.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/** The workspace, when the actor may see it: whoever is bound to one sees that one only. `forChange` locks it. Throws not_found. */
export async function findWorkspace(
  { trx, actor }: Pick<TenantContext, 'trx' | 'actor'>,
  id: string,
  { forChange = false } = {},
): Promise<Workspace> {
  const query = Workspace.query(trx).findOne({ org_id: actor.orgId, id }).whereNull('deleted_at');
  if (actor.workspaceId !== null) void query.where({ id: actor.workspaceId });
  if (forChange) void query.forUpdate();
  const workspace = await query;
  if (!workspace) throw new AppError('not_found');
  return workspace;
}
