import type { Role } from '../../db/models/Role.ts';
import { typeId } from '../../server/ids.ts';
import { assertMayGrantPermissions } from '../access/assertMayGrant.ts';
import { lockAccess } from '../access/lockAccess.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { isPermission } from '../permissions.ts';
import { assertRoleName, assertRolePermissions } from './check.ts';
import type { RoleSettings } from './create.ts';
import { findRole, getRole } from './find.ts';
import type { RoleView } from './view.ts';

/**
 * Changes what is given. Whoever has the role can do more, or less, from the next request on: the change is told to every process.
 * The actor must hold every permission that the role had or gets. Throws not_found, permission_denied, conflict (name), validation_failed.
 */
export async function updateRole(tenant: TenantContext, id: string, changes: Partial<RoleSettings>): Promise<RoleView> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  await lockAccess(tenant);
  const role = await findRole(tenant, id);
  const before = describeRole(role);
  const after = { ...before, ...changes };
  assertRolePermissions(changes.permissions ?? []);
  await assertMayGrantPermissions(tenant, new Set([...before.permissions.filter(isPermission), ...(changes.permissions ?? [])]));
  if (changes.name !== undefined) await assertRoleName(tenant, changes.name, id);
  await trx('roles')
    .where({ org_id: actor.orgId, id })
    .update({ ...after, permissions: [...after.permissions], updated_at: clock.now() });
  await appendAudit(tenant, {
    action: 'roles.update',
    category: 'user_management',
    targets: [{ type: 'role', id: typeId('rol', id), name: after.name }],
    before,
    after,
  });
  return getRole(tenant, id);
}

export const describeRole = ({ name, description, permissions }: Role) => ({ name, description, permissions });
