import { Invitation } from '../../db/models/Invitation.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { assertAddressAllowed } from './assertAddressAllowed.ts';

/**
 * Whether this address can be invited now. Under the lock of the organization's access, so that two who invite the same address see each other.
 * An invitation that has expired makes room for a new one. Throws conflict, address_not_allowed.
 */
export async function assertInvitable(tenant: TenantContext, email: string): Promise<void> {
  const { trx, actor, clock } = tenant;
  const member = await trx('memberships as m')
    .join('users as u', 'u.id', 'm.user_id')
    .where({ 'm.org_id': actor.orgId, 'u.email': email })
    .first<{ status: string } | undefined>('m.status');
  if (member) throw new AppError('conflict', { detail: `Whoever has this address is a member already (${member.status}).` });
  await assertAddressAllowed(tenant, email);
  const now = clock.now();
  const pending = { org_id: actor.orgId, email, status: 'pending' };
  await Invitation.query(trx).where(pending).where('expires_at', '<=', now).patch({ status: 'expired', updatedAt: now });
  if (await Invitation.query(trx).findOne(pending)) {
    throw new AppError('conflict', { detail: 'This address is invited already. Resend that invitation, or revoke it first.' });
  }
}
