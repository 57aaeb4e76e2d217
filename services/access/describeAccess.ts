import { rolesOfMembers } from '../../db/queries/listMembers.ts';
import type { MemberRoleRow } from '../../db/queries/listMembers.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { PERMISSIONS, isPermission } from '../permissions.ts';
import type { Permission } from '../permissions.ts';

/** What a credential can do now, and why. Ids are uuids. */
export interface Access {
  /** The person who acts, or who owns the key that acts; null for a key of the organization. */
  userId: string | null;
  /** The roles of that person that count here. */
  roles: MemberRoleRow[];
  /** What the key was made for; null for a session. */
  scopes: Permission[] | null;
  /** In the order of the registry. */
  permissions: Permission[];
}

/** Describes who acts. Throws not_found for an actor that is no credential. */
export async function describeAccess(tenant: TenantContext): Promise<Access> {
  const { actor } = tenant;
  const permissions = PERMISSIONS.filter((permission) => actor.permissions.has(permission));
  if (actor.type === 'user') return { userId: actor.id, roles: await rolesOf(tenant, actor.id), scopes: null, permissions };
  if (actor.type !== 'api_key') throw new AppError('not_found');
  const key = await tenant
    .trx('api_keys')
    .where({ org_id: actor.orgId, id: actor.id })
    .first<{ scopes: string[]; owner_user_id: string | null } | undefined>('scopes', 'owner_user_id');
  const userId = key?.owner_user_id ?? null;
  const scopes = (key?.scopes ?? []).filter(isPermission);
  return { userId, roles: userId === null ? [] : await rolesOf(tenant, userId), scopes, permissions };
}

async function rolesOf({ trx, actor }: TenantContext, userId: string): Promise<MemberRoleRow[]> {
  const ids: string[] = await trx('memberships').where({ org_id: actor.orgId, user_id: userId, status: 'active' }).pluck('id');
  const roles = await rolesOfMembers(trx, actor.orgId, ids);
  return roles.filter(({ workspaceId }) => workspaceId === null || workspaceId === actor.workspaceId);
}
