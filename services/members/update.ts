import { assertWithin } from '../access/assertMayGrant.ts';
import { assertNotLastOwner } from '../access/assertNotLastOwner.ts';
import { ceilingOf } from '../access/ceiling.ts';
import { cutSessions } from '../access/cutSessions.ts';
import { lockAccess } from '../access/lockAccess.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { Actor, TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { assertRoom } from '../limits/assertRoom.ts';
import type { Permission } from '../permissions.ts';
import { describeMember, memberTarget } from './describe.ts';
import { findMember } from './find.ts';
import type { Member } from './find.ts';
import { asResolved, setRoles } from './setRoles.ts';
import type { RoleChange } from './setRoles.ts';

export interface MemberChange extends Partial<RoleChange> {
  /** A suspended member keeps the roles, and can do nothing with them. */
  status?: Member['status'];
  /** A permission that a change of roles takes beside that of the operation. */
  rolesNeed?: Permission;
}

/**
 * Changes what is given of a member (`userId`: uuid) and writes the audit entry `action`, unless nothing changes.
 * Throws not_found, permission_denied, last_owner, validation_failed; plan_limit_reached when there is no seat to come back to.
 */
export async function updateMember(tenant: TenantContext, userId: string, change: MemberChange, action: string): Promise<Member> {
  await lockAccess(tenant);
  const before = await findMember(tenant, userId);
  const moved = change.status !== undefined && change.status !== before.status;
  if (moved) await changeStatus(tenant, before, change.status!);
  const { roles } = change;
  const regranted = roles !== undefined && (await setRoles(tenant, before.membershipId, { ...change, roles }));
  if (regranted && change.rolesNeed) assertHolds(tenant.actor, change.rolesNeed);
  if (!moved && !regranted) return before;
  const after = await findMember(tenant, userId);
  await appendAudit(tenant, {
    action,
    category: 'user_management',
    targets: [memberTarget(after)],
    before: describeMember(before),
    after: describeMember(after),
  });
  return after;
}

async function changeStatus(tenant: TenantContext, member: Member, status: Member['status']): Promise<void> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  assertWithin(await ceilingOf(tenant), member.roles.map(asResolved));
  if (status === 'suspended') await assertNotLastOwner(tenant, member.membershipId);
  else await assertRoom(tenant, 'seats');
  await trx('memberships').where({ org_id: actor.orgId, id: member.membershipId }).update({ status, updated_at: clock.now() });
  if (status === 'suspended') await cutSessions(tenant, member.userId);
}

function assertHolds({ permissions }: Actor, permission: Permission): void {
  if (permissions.has(permission)) return;
  throw new AppError('permission_denied', {
    detail: `A change of roles needs the permission ${permission}, which this credential does not have.`,
  });
}
