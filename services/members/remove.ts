import { assertWithin } from '../access/assertMayGrant.ts';
import { assertNotLastOwner } from '../access/assertNotLastOwner.ts';
import { ceilingOf } from '../access/ceiling.ts';
import { cutSessions } from '../access/cutSessions.ts';
import { lockAccess } from '../access/lockAccess.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { endInvitationsFor } from '../invitations/endFor.ts';
import { describeMember, memberTarget } from './describe.ts';
import { findMember } from './find.ts';
import { asResolved } from './setRoles.ts';

/**
 * Ends a membership (`userId`: uuid), and with it everything the person could do in the organization, at once: roles, entered sessions, own keys, invitations.
 * Keys of the organization stay, whoever made them. Anybody may leave; to remove somebody else takes every permission that they have.
 * Throws not_found, permission_denied, last_owner.
 */
export async function removeMember(tenant: TenantContext, userId: string, action: string): Promise<void> {
  const { trx, actor } = tenant;
  await lockAccess(tenant);
  const member = await findMember(tenant, userId);
  if (!(actor.type === 'user' && actor.id === userId)) {
    assertWholeOrganization(actor);
    assertWithin(await ceilingOf(tenant), member.roles.map(asResolved));
  }
  await assertNotLastOwner(tenant, member.membershipId);
  await trx('memberships').where({ org_id: actor.orgId, id: member.membershipId }).delete();
  const disabledKeys = await disableOwnKeys(tenant, userId);
  const cut = await cutSessions(tenant, userId);
  const revoked = await endInvitationsFor(tenant, member.email);
  await appendAudit(tenant, {
    action,
    category: 'user_management',
    severity: 'warning',
    targets: [memberTarget(member)],
    before: describeMember(member),
    after: { disabled_api_keys: disabledKeys, sessions_cut: cut, revoked_invitations: revoked },
  });
}

/** For good: a person who comes back makes new ones. */
async function disableOwnKeys({ trx, actor, clock }: TenantContext, userId: string): Promise<number> {
  const now = clock.now();
  return trx('api_keys')
    .where({ org_id: actor.orgId, owner_type: 'user', owner_user_id: userId })
    .whereNull('revoked_at')
    .whereNull('disabled_at')
    .update({ disabled_at: now, disabled_reason: 'owner_removed', updated_at: now });
}
