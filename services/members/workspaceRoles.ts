import type { RoleGrant } from '../access/insertMember.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { usableWorkspaces } from '../workspaces/usable.ts';
import type { Member } from './find.ts';
import { updateMember } from './update.ts';

/** Throws not_found when the workspace (uuid) is not the organization's, or the actor is bound to another. */
export async function assertWorkspace(tenant: TenantContext, workspaceId: string): Promise<void> {
  const usable = await usableWorkspaces(tenant, [workspaceId]);
  if (!usable.has(workspaceId)) throw new AppError('not_found');
}

interface WorkspaceRoleChange {
  workspace_id: string;
  user_id: string;
  roles: readonly RoleGrant[];
  includeDirectory?: boolean;
}

/** Replaces the roles of a member in one workspace. Throws not_found, permission_denied, validation_failed. */
export async function setWorkspaceRoles(tenant: TenantContext, change: WorkspaceRoleChange, action: string): Promise<Member> {
  const { workspace_id: workspaceId, user_id: userId, includeDirectory = false } = change;
  await assertWorkspace(tenant, workspaceId);
  const roles = change.roles.map((role) => ({ ...role, workspaceId }));
  return updateMember(tenant, userId, { roles, workspaceId, includeDirectory }, action);
}
