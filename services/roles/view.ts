import type { Role } from '../../db/models/Role.ts';
import { refusalOf } from '../access/assertMayGrant.ts';
import { BUILT_IN_PERMISSIONS, BUILT_IN_ROLES, BUILT_IN_TEXTS } from '../access/builtInRoles.ts';
import type { BuiltInRole } from '../access/builtInRoles.ts';
import { ceilingOf } from '../access/ceiling.ts';
import type { TenantContext } from '../context.ts';
import { PERMISSIONS } from '../permissions.ts';
import type { Permission } from '../permissions.ts';

/** A role as it can be given: `builtIn` names one of ours, `id` (uuid) one that the organization made. */
export interface RoleView {
  builtIn: BuiltInRole | null;
  id: string | null;
  name: string;
  description: string | null;
  /** In the order of the registry. */
  permissions: Permission[];
  /** How many members have it, in the whole organization or in a workspace. */
  members: number;
  /** Whether who asks could give it: in the whole organization, or in the workspace they act in. */
  grantable: boolean;
  createdAt: Date | null;
  updatedAt: Date | null;
}

type Plain = Omit<RoleView, 'members' | 'grantable'>;

/** The built-in roles, then these. */
export async function viewRoles(tenant: TenantContext, own: readonly Role[]): Promise<RoleView[]> {
  const ceiling = await ceilingOf(tenant);
  const members = await countMembers(tenant);
  return [...BUILT_IN_ROLES.map(plainBuiltIn), ...own.map(plainOwn)].map((role) => {
    const grant = { role: role.builtIn, permissions: role.permissions, workspace_id: ceiling.workspaceId, label: role.name };
    return { ...role, members: members.get(role.builtIn ?? role.id!) ?? 0, grantable: refusalOf(ceiling, grant) === null };
  });
}

const plainBuiltIn = (role: BuiltInRole): Plain => ({
  builtIn: role,
  id: null,
  name: role,
  description: BUILT_IN_TEXTS[role],
  permissions: PERMISSIONS.filter((permission) => BUILT_IN_PERMISSIONS[role].has(permission)),
  createdAt: null,
  updatedAt: null,
});

const plainOwn = ({ id, name, description, permissions, createdAt, updatedAt }: Role): Plain => ({
  builtIn: null,
  id,
  name,
  description,
  permissions: PERMISSIONS.filter((permission) => permissions.includes(permission)),
  createdAt,
  updatedAt,
});

/** By the name of a built-in role, or the uuid of one of the organization's own. */
async function countMembers({ trx, actor }: TenantContext): Promise<Map<string, number>> {
  const rows = await trx('membership_roles')
    .where({ org_id: actor.orgId })
    .groupBy('role', 'role_id')
    .select<{ role: string | null; role_id: string | null; members: number }[]>(
      'role',
      'role_id',
      trx.raw('count(DISTINCT membership_id)::int AS members'),
    );
  return new Map(rows.map((row) => [row.role ?? row.role_id!, row.members]));
}
