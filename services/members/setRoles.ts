import { rolesOfMembers } from '../../db/queries/listMembers.ts';
import type { MemberRoleRow } from '../../db/queries/listMembers.ts';
import type { GrantSource } from '../../db/models/MembershipRole.ts';
import { assertWithin } from '../access/assertMayGrant.ts';
import { assertNotLastOwner } from '../access/assertNotLastOwner.ts';
import { ceilingOf } from '../access/ceiling.ts';
import { insertGrants } from '../access/insertMember.ts';
import type { RoleGrant } from '../access/insertMember.ts';
import { lockAccess } from '../access/lockAccess.ts';
import { resolveGrants } from '../access/resolveGrants.ts';
import type { ResolvedGrant } from '../access/resolveGrants.ts';
import type { TenantContext } from '../context.ts';

export interface RoleChange {
  /** All roles that the member is to have; inside `workspaceId` when that is set. */
  roles: readonly RoleGrant[];
  /** Look at the roles in this workspace only. */
  workspaceId?: string | null;
  /** Replace what a directory gave too; it comes back with the directory's next change. */
  includeDirectory?: boolean;
}

/** What these give, they alone take back. */
const DIRECTORIES: ReadonlySet<GrantSource> = new Set(['scim', 'sso']);

/**
 * Makes these the roles of a member, given by hand. Roles that are kept stay as they were given; what a directory gave stays.
 * Every role that is gained or lost must be one that the actor could give. Returns whether anything changed.
 * Throws permission_denied, last_owner, validation_failed.
 */
export async function setRoles(tenant: TenantContext, membershipId: string, change: RoleChange): Promise<boolean> {
  const { trx, actor } = tenant;
  await lockAccess(tenant);
  const wanted = await resolveGrants(tenant, change.roles, 'body.roles');
  const within = change.workspaceId ?? actor.workspaceId;
  const held = (await rolesOfMembers(trx, actor.orgId, [membershipId])).filter(
    ({ workspaceId }) => within === null || workspaceId === within,
  );
  const replaceable = held.filter(({ source }) => change.includeDirectory === true || !DIRECTORIES.has(source));
  const gained = change.roles.filter((grant) => !replaceable.some((role) => isSame(role, grant)));
  const lost = replaceable.filter((role) => !change.roles.some((grant) => isSame(role, grant)));
  if (gained.length + lost.length === 0) return false;
  const changed = [...wanted.filter((_grant, index) => gained.includes(change.roles[index]!)), ...lost.map(asResolved)];
  assertWithin(await ceilingOf(tenant), changed);
  if (lost.some(isOwner) && !held.some((role) => isOwner(role) && !lost.includes(role))) await assertNotLastOwner(tenant, membershipId);
  const ids = lost.map(({ id }) => id);
  await trx('membership_roles').where({ org_id: actor.orgId }).whereIn('id', ids).delete();
  await insertGrants(tenant, membershipId, { roles: gained, source: 'manual' });
  return true;
}

const isSame = (role: MemberRoleRow, grant: RoleGrant): boolean =>
  role.workspaceId === (grant.workspaceId ?? null) && ('role' in grant ? role.role === grant.role : role.roleId === grant.roleId);

const isOwner = ({ role }: MemberRoleRow): boolean => role === 'owner';

/** As the ceiling judges it: who could not give a role may not take it away. */
export const asResolved = ({ role, roleName, permissions, workspaceId }: MemberRoleRow): ResolvedGrant => ({
  role,
  permissions,
  workspace_id: workspaceId,
  label: role ?? roleName ?? '',
});
