import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { Permission } from '../permissions.ts';
import { ceilingOf } from './ceiling.ts';
import type { Ceiling, Granter } from './ceiling.ts';
import { permissionsOfGrant } from './grants.ts';
import type { RoleGrant } from './insertMember.ts';
import { lockAccess } from './lockAccess.ts';
import { resolveGrants } from './resolveGrants.ts';
import type { ResolvedGrant } from './resolveGrants.ts';

interface GrantOptions {
  /** Where the roles stand in the request. Default `body.roles`. */
  location?: string;
  /** Who gives the roles, when that is not who acts: who invited, while somebody accepts. */
  granter?: Granter;
}

/**
 * Nobody gives what they do not hold: the one check of every path that hands out roles (members, invitations, transfer, directories).
 * Whoever is bound to a workspace gives roles there only, and only an owner makes an owner. Taking a role away is checked alike: who could
 * not have given it may not take it. Holds the lock of the organization's access until the transaction ends.
 * Throws permission_denied; validation_failed for a role or a workspace that is not the organization's.
 */
export async function assertMayGrant(
  tenant: TenantContext,
  grants: readonly RoleGrant[],
  { location = 'body.roles', granter = tenant.actor }: GrantOptions = {},
): Promise<void> {
  if (grants.length === 0) return;
  await lockAccess(tenant);
  const bound = { trx: tenant.trx, actor: { ...tenant.actor, workspaceId: granter.workspaceId } };
  assertWithin(await ceilingOf(tenant, granter), await resolveGrants(bound, grants, location));
}

/** The same for permissions that are not given as a role: those of a role that is edited, or the scopes of a key. */
export async function assertMayGrantPermissions(tenant: TenantContext, permissions: Iterable<Permission>): Promise<void> {
  await lockAccess(tenant);
  const refusal = lackOf(await ceilingOf(tenant), [...permissions]);
  if (refusal !== null) throw new AppError('permission_denied', { detail: refusal });
}

/** Throws permission_denied when one of the roles is beyond the ceiling. */
export function assertWithin(ceiling: Ceiling, grants: readonly ResolvedGrant[]): void {
  for (const grant of grants) {
    const refusal = refusalOf(ceiling, grant);
    if (refusal !== null) throw new AppError('permission_denied', { detail: refusal });
  }
}

/** Why somebody with this ceiling can neither give nor take the role; null when they can. */
export function refusalOf(ceiling: Ceiling, grant: ResolvedGrant): string | null {
  if (ceiling.workspaceId !== null && grant.workspace_id !== ceiling.workspaceId) {
    return 'Whoever acts in one workspace can give and take roles there only.';
  }
  if (grant.role === 'owner' && !ceiling.owner) return 'Only an owner can make somebody an owner, or change what an owner is.';
  const lack = lackOf(ceiling, permissionsOfGrant(grant), ` for the role ${grant.label}`);
  return lack && `${lack} Who has that role too, beside what lets them manage members, can.`;
}

function lackOf({ permissions }: Ceiling, wanted: readonly Permission[], purpose = ''): string | null {
  const missing = wanted.filter((permission) => !permissions.has(permission));
  return missing.length === 0 ? null : `Nobody can give or take what they do not hold. You lack${purpose}: ${missing.join(', ')}.`;
}
