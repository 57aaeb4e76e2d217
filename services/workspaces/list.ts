import { Workspace } from '../../db/models/Workspace.ts';
import type { TenantContext } from '../context.ts';
import type { Slice } from '../slice.ts';

/** The workspaces that the actor may see, the oldest first. */
export async function listWorkspaces({ trx, actor }: TenantContext, { after, fetch }: Slice): Promise<Workspace[]> {
  const query = Workspace.query(trx).where({ org_id: actor.orgId }).whereNull('deleted_at').orderBy('id').limit(fetch);
  if (actor.workspaceId !== null) void query.where({ id: actor.workspaceId });
  if (after !== null) void query.where('id', '>', after);
  return query;
}
