import type { Grant } from '../../db/queries/grant.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { FieldError } from '../errors/AppError.ts';
import { usableWorkspaces, workspaceFault } from '../workspaces/usable.ts';
import type { RoleGrant } from './insertMember.ts';

/** A role with what it allows, and how a refusal names it. */
export interface ResolvedGrant extends Grant {
  label: string;
}

/**
 * Looks up what the roles allow. `location` is that of the list in the request (`body.roles`).
 * Throws validation_failed naming every role and workspace that is not the organization's, or is outside the workspace that the granter is bound to.
 */
export async function resolveGrants(
  { trx, actor }: Pick<TenantContext, 'trx' | 'actor'>,
  grants: readonly RoleGrant[],
  location: string,
): Promise<ResolvedGrant[]> {
  const custom = await namedRoles(trx, actor.orgId, grants);
  const workspaces = await usableWorkspaces({ trx, actor }, [...new Set(grants.flatMap(({ workspaceId }) => workspaceId ?? []))], {
    keep: true,
  });
  const faults: FieldError[] = [];
  const resolved = grants.map((grant, index): ResolvedGrant => {
    const workspaceId = grant.workspaceId ?? null;
    if (workspaceId !== null && !workspaces.has(workspaceId)) faults.push(workspaceFault(`${location}.${index}.workspace_id`));
    if ('role' in grant) {
      if (grant.role === 'owner' && workspaceId !== null) faults.push({ location: `${location}.${index}.role`, message: OWNER_OF_ALL });
      return { role: grant.role, permissions: null, workspace_id: workspaceId, label: grant.role };
    }
    const role = custom.get(grant.roleId);
    if (!role) faults.push({ location: `${location}.${index}.role`, message: 'is no role of this organization' });
    return { role: null, permissions: role?.permissions ?? [], workspace_id: workspaceId, label: role?.name ?? '' };
  });
  if (faults.length > 0)
    throw new AppError('validation_failed', { detail: `${faults[0]!.location} ${faults[0]!.message}`, fields: faults });
  return resolved;
}

const OWNER_OF_ALL = 'owner is a role in the whole organization, not in one workspace';

interface CustomRole {
  id: string;
  name: string;
  permissions: string[];
}

async function namedRoles(trx: TenantContext['trx'], orgId: string, grants: readonly RoleGrant[]): Promise<Map<string, CustomRole>> {
  const ids = grants.flatMap((grant) => ('roleId' in grant ? [grant.roleId] : []));
  if (ids.length === 0) return new Map();
  const rows = await trx('roles').where({ org_id: orgId }).whereIn('id', ids).select<CustomRole[]>('id', 'name', 'permissions');
  return new Map(rows.map((row) => [row.id, row]));
}
