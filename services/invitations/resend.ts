import type { Invitation } from '../../db/models/Invitation.ts';
import { typeId } from '../../server/ids.ts';
import { assertMayGrant } from '../access/assertMayGrant.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { assertRoom } from '../limits/assertRoom.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { assertInvitable } from './assertInvitable.ts';
import { expiryOf } from './create.ts';
import { getInvitation } from './find.ts';
import { inviterOf } from './inviter.ts';
import { sendInvitation } from './send.ts';
import type { InvitationLink } from './send.ts';
import { statusOf } from './status.ts';
import { newInvitationToken } from './token.ts';

/** Nobody's mailbox is filled with them. */
const AT_MOST_EVERY_MS = 60_000;

/**
 * Sends a pending or expired invitation once more, with a new token: the one before opens nothing any longer. Who resends answers for the
 * roles from now on, so they must be theirs to give. Throws not_found, permission_denied, conflict, rate_limited, plan_limit_reached, address_not_allowed.
 */
export async function resendInvitation(
  tenant: TenantContext,
  id: string,
  link: InvitationLink,
): Promise<{ invitation: Invitation; mail: PromisedMail }> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  const found = await getInvitation(tenant, id);
  await assertMayGrant(tenant, found.roles);
  // Only now is nobody else at it.
  const invitation = await getInvitation(tenant, id);
  const now = clock.now();
  await assertSendable(tenant, invitation, now);
  const { text: token, digest } = newInvitationToken();
  const sent = {
    status: 'pending' as const,
    tokenDigest: digest,
    ...inviterOf(actor),
    sentAt: now,
    expiresAt: expiryOf(now),
    updatedAt: now,
  };
  await invitation.$query(trx).patch(sent);
  await appendAudit(tenant, {
    action: 'invitations.resend',
    category: 'user_management',
    targets: [{ type: 'invitation', id: typeId('inv', id), name: invitation.email }],
    after: { roles: invitation.roles, expires_at: sent.expiresAt.toISOString() },
  });
  return { invitation, mail: await sendInvitation(tenant, invitation, { token, link }) };
}

/** One that has expired gave its seat back, and its address may have been invited again since. */
async function assertSendable(tenant: TenantContext, invitation: Invitation, now: Date): Promise<void> {
  const status = statusOf(invitation, now);
  if (status === 'accepted' || status === 'revoked')
    throw new AppError('conflict', { detail: `The invitation is ${status}. Invite the address again.` });
  const waitMs = invitation.sentAt.getTime() + AT_MOST_EVERY_MS - now.getTime();
  if (waitMs > 0) {
    const retryAfterSeconds = Math.ceil(waitMs / 1_000);
    throw new AppError('rate_limited', {
      detail: `It was sent a moment ago. It can be sent again in ${retryAfterSeconds} s.`,
      retryAfterSeconds,
    });
  }
  if (status !== 'expired') return;
  await assertInvitable(tenant, invitation.email);
  await assertRoom(tenant, 'seats');
}
