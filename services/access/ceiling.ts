import type { Grant } from '../../db/queries/grant.ts';
import { memberGrants } from '../../db/queries/memberGrants.ts';
import { selectApiKeys } from '../../db/queries/selectApiKeys.ts';
import { readKeyPolicy } from '../apiKeys/policy.ts';
import type { Actor, TenantContext } from '../context.ts';
import { PERMISSIONS } from '../permissions.ts';
import type { Permission } from '../permissions.ts';
import { permissionsOf } from './grants.ts';
import { usableScopes } from './workspacePermissions.ts';

/** Who grants. Ids are database uuids; `workspaceId`: only there. */
export type Granter = Pick<Actor, 'type' | 'id' | 'workspaceId'>;

/** The organization in which it is judged, and when. */
type Judge = Pick<TenantContext, 'trx' | 'actor' | 'clock'>;

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
 * what a request was authenticated with may be some seconds old. Who is no active member any more, or whose key would be refused now (revoked,
 * disabled, expired, retired, blocked by the policy), holds nothing.
 */
export async function ceilingOf(tenant: Judge, granter: Granter = tenant.actor): Promise<Ceiling> {
  const { actor } = tenant;
  const ceiling = await currentCeiling(tenant, granter);
  if (granter !== actor) return ceiling;
  // The request may be narrowed further than its credential's owner.
  return { ...ceiling, permissions: both(ceiling.permissions, actor.permissions) };
}

async function currentCeiling(tenant: Judge, { type, id, workspaceId }: Granter): Promise<Ceiling> {
  if (type === 'user') {
    const grants = (await memberGrants(tenant.trx, tenant.actor.orgId, id)) ?? [];
    return { permissions: permissionsOf(grants, workspaceId), workspaceId, owner: workspaceId === null && grants.some(isOwner) };
  }
  if (type === 'api_key') return ceilingOfKey(tenant, id, workspaceId);
  // The operator's command, and what our own processes were told to do by somebody who was checked then.
  return { permissions: new Set(PERMISSIONS), workspaceId, owner: true };
}

const isOwner = ({ role, workspace_id: workspaceId }: Grant): boolean => role === 'owner' && workspaceId === null;

const both = (a: ReadonlySet<Permission>, b: ReadonlySet<Permission>): ReadonlySet<Permission> =>
  new Set([...a].filter((permission) => b.has(permission)));

/** A key that was rotated goes on in its successor, which has the same scopes unless somebody changed them. */
async function ceilingOfKey(tenant: Judge, id: string, workspaceId: string | null): Promise<Ceiling> {
  const { trx, actor, clock } = tenant;
  const terms = { now: clock.now(), ...(await readKeyPolicy(tenant)) };
  const family = await selectApiKeys(trx, actor.orgId, terms)
    .where({ family_id: trx('api_keys').where({ org_id: actor.orgId, id }).select('family_id') })
    .orderBy('id', 'desc');
  const key = family.find(({ status }) => status === 'active' || status === 'retiring');
  const boundTo = key?.workspaceId ?? workspaceId;
  const scopes = new Set(usableScopes({ scopes: key?.scopes ?? [], workspaceId: key?.workspaceId ?? null }));
  if (!key?.ownerUserId) return { permissions: scopes, workspaceId: boundTo, owner: false };
  const owners = permissionsOf((await memberGrants(trx, actor.orgId, key.ownerUserId)) ?? [], boundTo);
  return { permissions: both(scopes, owners), workspaceId: boundTo, owner: false };
}
