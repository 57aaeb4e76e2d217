import { listMembers as queryMembers, rolesOfMembers } from '../../db/queries/listMembers.ts';
import type { MemberFilter, MemberRoleRow, MemberRow } from '../../db/queries/listMembers.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { Slice } from '../slice.ts';

/** A member with the roles that the actor may know of. */
export interface Member extends MemberRow {
  roles: MemberRoleRow[];
}

export type MemberFilters = Pick<MemberFilter, 'status' | 'email' | 'role' | 'roleIn'>;

/**
 * Members, who joined last first. Who acts in one workspace sees whoever can act there too, with the roles that count there.
 */
export async function listMembers(tenant: TenantContext, filters: MemberFilters, { after, fetch }: Slice): Promise<Member[]> {
  const { trx, actor } = tenant;
  const filter = { ...filters, orgId: actor.orgId, actingIn: actor.workspaceId, before: after, limit: fetch };
  return withRoles(tenant, await queryMembers(trx, filter));
}

/** The member with this user id (uuid). Throws not_found. */
export async function findMember(tenant: TenantContext, userId: string): Promise<Member> {
  const { trx, actor } = tenant;
  const rows = await queryMembers(trx, { orgId: actor.orgId, actingIn: actor.workspaceId, userId, limit: 1 });
  const [member] = await withRoles(tenant, rows);
  if (!member) throw new AppError('not_found');
  return member;
}

async function withRoles({ trx, actor }: TenantContext, members: MemberRow[]): Promise<Member[]> {
  const rows = await rolesOfMembers(
    trx,
    actor.orgId,
    members.map(({ membershipId }) => membershipId),
  );
  const roles =
    actor.workspaceId === null ? rows : rows.filter(({ workspaceId }) => workspaceId === null || workspaceId === actor.workspaceId);
  return members.map((member) => ({ ...member, roles: roles.filter(({ membershipId }) => membershipId === member.membershipId) }));
}
