import { Invitation } from '../../db/models/Invitation.ts';
import { newId, typeId } from '../../server/ids.ts';
import { assertMayGrant } from '../access/assertMayGrant.ts';
import type { RoleGrant } from '../access/insertMember.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { assertRoom } from '../limits/assertRoom.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { assertInvitable } from './assertInvitable.ts';
import { inviterOf } from './inviter.ts';
import { sendInvitation } from './send.ts';
import type { InvitationLink } from './send.ts';
import { newInvitationToken } from './token.ts';

const VALID_MS = 7 * 86_400_000;

/** When an invitation that is sent now ends. */
export const expiryOf = (now: Date): Date => new Date(now.getTime() + VALID_MS);

export interface NewInvitation {
  /** Normalized. */
  email: string;
  roles: readonly RoleGrant[];
}

/**
 * Asks somebody to join, with roles that the inviter could give. It holds a seat until it is accepted, revoked or expired, and its token is in
 * the mail alone. Throws permission_denied, validation_failed, conflict (a member, or invited already), address_not_allowed, plan_limit_reached.
 */
export async function createInvitation(
  tenant: TenantContext,
  { email, roles }: NewInvitation,
  { link, action = 'invitations.create' }: { link: InvitationLink; action?: string },
): Promise<{ invitation: Invitation; mail: PromisedMail }> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  await assertMayGrant(tenant, roles);
  await assertInvitable(tenant, email);
  await assertRoom(tenant, 'seats');
  const { text: token, digest } = newInvitationToken();
  const now = clock.now();
  const invitation = await Invitation.query(trx).insertAndFetch({
    orgId: actor.orgId,
    id: newId(clock),
    email,
    tokenDigest: digest,
    roles: [...roles],
    ...inviterOf(actor),
    sentAt: now,
    expiresAt: expiryOf(now),
    createdAt: now,
    updatedAt: now,
  });
  await appendAudit(tenant, {
    action,
    category: 'user_management',
    targets: [{ type: 'invitation', id: typeId('inv', invitation.id), name: email }],
    after: { roles, expires_at: invitation.expiresAt.toISOString() },
  });
  return { invitation, mail: await sendInvitation(tenant, invitation, { token, link }) };
}
