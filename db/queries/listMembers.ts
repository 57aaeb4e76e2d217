import type { Knex } from 'knex';
import type { GrantSource } from '../models/MembershipRole.ts';

/** A member with the person behind it; ids are uuids. */
export interface MemberRow {
  membershipId: string;
  userId: string;
  email: string;
  name: string | null;
  emailVerifiedAt: Date | null;
  status: 'active' | 'suspended';
  joinedAt: Date;
}

/** One role of a member: `role` is built in, `roleId` the organization's own, called `roleName`. */
export interface MemberRoleRow {
  id: string;
  membershipId: string;
  role: 'owner' | 'admin' | 'manager' | 'member' | 'viewer' | null;
  roleId: string | null;
  roleName: string | null;
  permissions: string[] | null;
  workspaceId: string | null;
  source: GrantSource;
  grantedBy: string | null;
  createdAt: Date;
}

export interface MemberFilter {
  orgId: string;
  /** Only who can act in this workspace: by a role there, or in the whole organization. */
  actingIn?: string | null;
  /** Only who has a role in this very workspace. */
  roleIn?: string | null;
  userId?: string | null;
  status?: 'active' | 'suspended' | null | undefined;
  email?: string | null | undefined;
  /** Name of a built-in role, or the uuid of one of the organization's own. */
  role?: { role: string } | { roleId: string } | null | undefined;
  /** Only memberships older than this one: where the previous page ended. */
  before?: string | null;
  limit: number;
}

/** Members, who joined last first. */
export function listMembers(trx: Knex.Transaction, filter: MemberFilter): Promise<MemberRow[]> {
  const { orgId, userId, status, email, before, limit } = filter;
  const query = trx('memberships as m').join('users as u', 'u.id', 'm.user_id').where({ 'm.org_id': orgId }).whereNull('u.deleted_at');
  if (userId) void query.where({ 'm.user_id': userId });
  if (status) void query.where({ 'm.status': status });
  if (email) void query.where({ 'u.email': email });
  if (before) void query.where('m.id', '<', before);
  filterByRole(trx, query, filter);
  return query.orderBy('m.id', 'desc').limit(limit).select<MemberRow[]>({
    membershipId: 'm.id',
    userId: 'm.user_id',
    email: 'u.email',
    name: 'u.name',
    emailVerifiedAt: 'u.email_verified_at',
    status: 'm.status',
    joinedAt: 'm.created_at',
  });
}

function filterByRole(trx: Knex.Transaction, query: Knex.QueryBuilder, { orgId, actingIn, roleIn, role }: MemberFilter): void {
  const held = () => trx('membership_roles as g').select(trx.raw('1')).where({ 'g.org_id': orgId }).whereRaw('g.membership_id = m.id');
  if (actingIn) void query.whereExists(held().whereRaw('(g.workspace_id IS NULL OR g.workspace_id = ?)', [actingIn]));
  if (roleIn) void query.whereExists(held().where({ 'g.workspace_id': roleIn }));
  if (role) void query.whereExists(held().where('role' in role ? { 'g.role': role.role } : { 'g.role_id': role.roleId }));
}

/** The roles of these memberships, the oldest first. Those in workspaces that were deleted are left out. */
export function rolesOfMembers(trx: Knex.Transaction, orgId: string, membershipIds: readonly string[]): Promise<MemberRoleRow[]> {
  return trx('membership_roles as g')
    .leftJoin('roles as r', (on) => on.on('r.org_id', 'g.org_id').andOn('r.id', 'g.role_id'))
    .leftJoin('workspaces as w', (on) => on.on('w.org_id', 'g.org_id').andOn('w.id', 'g.workspace_id'))
    .where({ 'g.org_id': orgId })
    .whereNull('w.deleted_at')
    .whereIn('g.membership_id', [...membershipIds])
    .orderBy('g.id')
    .select<MemberRoleRow[]>({
      id: 'g.id',
      membershipId: 'g.membership_id',
      role: 'g.role',
      roleId: 'g.role_id',
      roleName: 'r.name',
      permissions: 'r.permissions',
      workspaceId: 'g.workspace_id',
      source: 'g.source',
      grantedBy: 'g.granted_by',
      createdAt: 'g.created_at',
    });
}
