import type { Transaction } from 'objection';
import type { Grant } from '../../db/queries/grant.ts';
import { memberGrants } from '../../db/queries/memberGrants.ts';
import type { Actor, TenantContext } from '../context.ts';
import { PERMISSIONS } from '../permissions.ts';
import type { Permission } from '../permissions.ts';
import { permissionsOf } from './grants.ts';
import { usableScopes } from './workspacePermissions.ts';

/** Who grants. Ids are database uuids; `workspaceId`: only there. */
export type Granter = Pick<Actor, 'type' | 'id' | 'workspaceId'>;

/** The most that somebody can hand on. */
export interface Ceiling {
  permissions: ReadonlySet<Permission>;
  /** Set: in this workspace only. */
  workspaceId: string | null;
  /** Owners alone make owners, whatever permissions others hold. */
  owner: boolean;
}

/**
 * The ceiling of who acts, or of another granter: of who invited, at the moment somebody accepts. It is read now, in the transaction, because
 * what a request was authenticated with may be some seconds old. Who is no active member any more, or whose key was revoked, holds nothing.
 */
export async function ceilingOf({ trx, actor }: Pick<TenantContext, 'trx' | 'actor'>, granter: Granter = actor): Promise<Ceiling> {
  const ceiling = await currentCeiling(trx, actor.orgId, granter);
  if (granter !== actor) return ceiling;
  // The request may be narrowed further than its credential's owner.
  return { ...ceiling, permissions: both(ceiling.permissions, actor.permissions) };
}

async function currentCeiling(trx: Transaction, orgId: string, { type, id, workspaceId }: Granter): Promise<Ceiling> {
  if (type === 'user') {
    const grants = (await memberGrants(trx, orgId, id)) ?? [];
    return { permissions: permissionsOf(grants, workspaceId), workspaceId, owner: workspaceId === null && grants.some(isOwner) };
  }
  if (type === 'api_key') return ceilingOfKey(trx, orgId, id, workspaceId);
  // The operator's command, and what our own processes were told to do by somebody who was checked then.
  return { permissions: new Set(PERMISSIONS), workspaceId, owner: true };
}

const isOwner = ({ role, workspace_id: workspaceId }: Grant): boolean => role === 'owner' && workspaceId === null;

const both = (a: ReadonlySet<Permission>, b: ReadonlySet<Permission>): ReadonlySet<Permission> =>
  new Set([...a].filter((permission) => b.has(permission)));

/** A key that was rotated goes on in its successor, which has the same scopes unless somebody changed them. */
async function ceilingOfKey(trx: Transaction, orgId: string, id: string, workspaceId: string | null): Promise<Ceiling> {
  const key = await trx('api_keys')
    .where({ org_id: orgId, family_id: trx('api_keys').where({ org_id: orgId, id }).select('family_id') })
    .whereNull('revoked_at')
    .whereNull('disabled_at')
    .orderBy('id', 'desc')
    .first<{ scopes: string[]; owner_user_id: string | null; workspace_id: string | null } | undefined>();
  const boundTo = key?.workspace_id ?? workspaceId;
  const scopes = new Set(usableScopes({ scopes: key?.scopes ?? [], workspaceId: key?.workspace_id ?? null }));
  if (!key?.owner_user_id) return { permissions: scopes, workspaceId: boundTo, owner: false };
  const owners = permissionsOf((await memberGrants(trx, orgId, key.owner_user_id)) ?? [], boundTo);
  return { permissions: both(scopes, owners), workspaceId: boundTo, owner: false };
}
