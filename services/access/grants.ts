import type { Grant } from '../../db/queries/grant.ts';
import { isPermission } from '../permissions.ts';
import type { Permission } from '../permissions.ts';
import { BUILT_IN_PERMISSIONS, builtInRole } from './builtInRoles.ts';
import { WORKSPACE_PERMISSIONS } from './workspacePermissions.ts';

/**
 * What the grants allow: those for the whole organization, and in a workspace its own as well. Roles add up, none takes away.
 * Names that the registry does not know (any more) grant nothing.
 */
export function permissionsOf(grants: readonly Grant[], workspaceId: string | null): ReadonlySet<Permission> {
  const permissions = new Set<Permission>();
  for (const grant of grants) {
    if (grant.workspace_id !== null && grant.workspace_id !== workspaceId) continue;
    for (const permission of permissionsOfGrant(grant)) permissions.add(permission);
  }
  return permissions;
}

/** What one grant allows where it holds: in a single workspace nothing of what is the whole organization's. */
export function permissionsOfGrant({ role, permissions, workspace_id: workspaceId }: Grant): Permission[] {
  const builtIn = role === null ? null : builtInRole(role);
  const all = builtIn === null ? (permissions ?? []).filter(isPermission) : [...BUILT_IN_PERMISSIONS[builtIn]];
  return workspaceId === null ? all : all.filter((permission) => WORKSPACE_PERMISSIONS.has(permission));
}
