import { Role } from '../../db/models/Role.ts';
import { newId, typeId } from '../../server/ids.ts';
import { assertMayGrantPermissions } from '../access/assertMayGrant.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { assertRoom } from '../limits/assertRoom.ts';
import type { Permission } from '../permissions.ts';
import { assertFewRoles, assertRoleName, assertRolePermissions } from './check.ts';
import { getRole } from './find.ts';
import type { RoleView } from './view.ts';

export interface RoleSettings {
  name: string;
  description: string | null;
  permissions: readonly Permission[];
}

/**
 * Makes a role of the organization's own out of permissions that the actor holds.
 * Throws plan_feature_missing, plan_limit_reached, permission_denied, conflict (name), validation_failed.
 */
export async function createRole(tenant: TenantContext, { name, description, permissions }: RoleSettings): Promise<RoleView> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  assertRolePermissions(permissions);
  await assertRoom(tenant, 'custom_roles');
  await assertMayGrantPermissions(tenant, permissions);
  await assertFewRoles(tenant);
  await assertRoleName(tenant, name);
  const id = newId(clock);
  const now = clock.now();
  await Role.query(trx).insert({
    orgId: actor.orgId,
    id,
    name,
    description,
    permissions: [...permissions],
    createdAt: now,
    updatedAt: now,
  });
  await appendAudit(tenant, {
    action: 'roles.create',
    category: 'user_management',
    targets: [{ type: 'role', id: typeId('rol', id), name }],
    after: { name, description, permissions },
  });
  return getRole(tenant, id);
}
