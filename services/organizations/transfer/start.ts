import { OwnershipTransfer } from '../../../db/models/OwnershipTransfer.ts';
import { memberGrants } from '../../../db/queries/memberGrants.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { personSession } from '../../access/personSession.ts';
import { assertWholeOrganization } from '../../access/wholeOrganization.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { enqueueMail } from '../../mail/enqueueMail.ts';
import type { PromisedMail } from '../../mail/enqueueMail.ts';
import { ownershipTransferMail } from '../../mail/templates/ownershipTransfer.ts';
import { assertFresh } from '../../mfa/freshness.ts';
import { findOrganization } from '../findOrganization.ts';
import { isOwner } from '../isOwner.ts';

const EXPIRES_AFTER_MS = 7 * 86_400_000;

/**
 * Offers the ownership to an active member (uuid), who has seven days to accept; nothing changes until then. Done by an owner who proved who they
 * are a moment ago. The mail is to be sent after the commit. Throws permission_denied, step_up_required, validation_failed for who is no active
 * member, conflict for an owner and while another transfer is pending.
 */
export async function startTransfer(tenant: TenantContext, toUserId: string): Promise<{ transfer: OwnershipTransfer; mail: PromisedMail }> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  const session = personSession(actor, 'Ownership is handed on by a person: send the access token of a session.');
  assertFresh(session, clock.now(), session.mfaAt !== null);
  const { name: organization } = await findOrganization(tenant, { forChange: true });
  const own = await memberGrants(trx, actor.orgId, actor.id);
  if (!own?.some(isOwner)) throw new AppError('permission_denied', { detail: 'Only an owner can hand the ownership on.' });
  const { email } = await receiver(tenant, toUserId);
  await endExpired(tenant);
  const now = clock.now();
  const expiresAt = new Date(now.getTime() + EXPIRES_AFTER_MS);
  const ids = { orgId: actor.orgId, id: newId(clock), fromUserId: actor.id, toUserId };
  const transfer = await OwnershipTransfer.query(trx).insertAndFetch({ ...ids, status: 'pending', createdAt: now, expiresAt });
  const data = { organization, organizationId: typeId('org', actor.orgId), from: actor.name, expiresAt };
  const mail = await enqueueMail(tenant, { to: email, template: ownershipTransferMail, data, orgId: actor.orgId, userId: toUserId });
  await appendAudit(tenant, {
    action: 'organizations.transfer_ownership',
    category: 'user_management',
    severity: 'warning',
    targets: [
      { type: 'organization', id: typeId('org', actor.orgId), name: organization },
      { type: 'user', id: typeId('usr', toUserId) },
    ],
    after: { expires_at: expiresAt.toISOString() },
  });
  return { transfer, mail };
}

async function receiver({ trx, actor }: TenantContext, userId: string): Promise<{ email: string }> {
  const grants = await memberGrants(trx, actor.orgId, userId);
  const user = await trx('users').where({ id: userId }).whereNotNull('email_verified_at').first<{ email: string } | undefined>('email');
  if (grants === null || !user) {
    const fields = [{ location: 'body.user_id', message: 'is no active member with a verified e-mail address' }];
    throw new AppError('validation_failed', { detail: `body.user_id ${fields[0]!.message}`, fields });
  }
  if (grants.some(isOwner)) throw new AppError('conflict', { detail: 'This member is an owner already.' });
  return user;
}

/** What ran out makes room; what did not is in the way. */
async function endExpired({ trx, actor, clock }: TenantContext): Promise<void> {
  const now = clock.now();
  const pending = { org_id: actor.orgId, status: 'pending' };
  await trx('ownership_transfers').where(pending).where('expires_at', '<=', now).update({ status: 'expired', finished_at: now });
  const other = await trx('ownership_transfers').where(pending).first<{ id: string } | undefined>('id');
  if (other) throw new AppError('conflict', { detail: 'The ownership is being transferred already. Cancel that first.' });
}
