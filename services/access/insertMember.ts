import { Membership } from '../../db/models/Membership.ts';
import { MembershipRole } from '../../db/models/MembershipRole.ts';
import type { GrantSource } from '../../db/models/MembershipRole.ts';
import { newId } from '../../server/ids.ts';
import type { TenantContext } from '../context.ts';
import type { BuiltInRole } from './builtInRoles.ts';

/** A role to give: a built-in one, or the id (uuid) of one of the organization's own; in one workspace or everywhere. */
export type RoleGrant = ({ role: BuiltInRole } | { roleId: string }) & { workspaceId?: string | null };

export interface NewMember {
  /** Of the membership, when something has to name it before it exists. */
  id?: string;
  userId: string;
  roles: readonly RoleGrant[];
  source: GrantSource;
  /** What of the source gave it, such as the id of an invitation. */
  sourceRef?: string | null;
  /** Uuid of the user who gave it, null when it was none; absent: the actor. Not who takes up what somebody else offered. */
  grantedBy?: string | null;
}

/** Makes a person a member with these roles; returns the membership's uuid. Whether there is a seat, and whether the actor may grant this, was checked before. */
export async function insertMember(tenant: TenantContext, { id = newId(tenant.clock), userId, ...grants }: NewMember): Promise<string> {
  const { trx, actor, clock } = tenant;
  const createdAt = clock.now();
  await Membership.query(trx).insert({ orgId: actor.orgId, id, userId, createdAt });
  await insertGrants(tenant, id, grants);
  return id;
}

/** Gives a member further roles. Throws conflict (by constraint) when it has one of them from the same source. */
export async function insertGrants(
  { trx, actor, clock }: TenantContext,
  membershipId: string,
  { roles, source, sourceRef = null, grantedBy = actor.type === 'user' ? actor.id : null }: Omit<NewMember, 'id' | 'userId'>,
): Promise<void> {
  const rows = roles.map((grant) => ({
    orgId: actor.orgId,
    id: newId(clock),
    membershipId,
    role: 'role' in grant ? grant.role : null,
    roleId: 'roleId' in grant ? grant.roleId : null,
    workspaceId: grant.workspaceId ?? null,
    source,
    sourceRef,
    grantedBy,
    createdAt: clock.now(),
  }));
  for (const row of rows) await MembershipRole.query(trx).insert(row);
}
