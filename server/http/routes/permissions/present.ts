import { BUILT_IN_PERMISSIONS, BUILT_IN_ROLES } from '../../../../services/access/builtInRoles.ts';
import type { Access } from '../../../../services/access/describeAccess.ts';
import { WORKSPACE_PERMISSIONS } from '../../../../services/access/workspacePermissions.ts';
import type { Actor } from '../../../../services/context.ts';
import type { Permission } from '../../../../services/permissions.ts';
import { PERMISSION_TEXTS } from '../../../../services/permissionTexts.ts';
import { typeId } from '../../../ids.ts';
import { presentHeldRole } from '../members/present.ts';

export function presentPermission(permission: Permission, held: ReadonlySet<Permission>) {
  return {
    permission,
    description: PERMISSION_TEXTS[permission],
    built_in_roles: BUILT_IN_ROLES.filter((role) => BUILT_IN_PERMISSIONS[role].has(permission)),
    in_workspace: WORKSPACE_PERMISSIONS.has(permission),
    held: held.has(permission),
  };
}

export const presentAccess = (actor: Actor, { userId, roles, scopes, permissions }: Access) => ({
  credential: actor.type === 'user' ? ('session' as const) : ('api_key' as const),
  organization_id: typeId('org', actor.orgId),
  workspace_id: actor.workspaceId === null ? null : typeId('wsp', actor.workspaceId),
  user_id: userId === null ? null : typeId('usr', userId),
  api_key_id: actor.type === 'user' ? null : typeId('key', actor.id),
  permissions,
  roles: roles.map(presentHeldRole),
  scopes,
});
