import { Invitation } from '../../db/models/Invitation.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { organizationSettings } from '../organizations/settings.ts';

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
  await assertAllowed(tenant, email);
  const now = clock.now();
  const pending = { org_id: actor.orgId, email, status: 'pending' };
  await Invitation.query(trx).where(pending).where('expires_at', '<=', now).patch({ status: 'expired', updatedAt: now });
  if (await Invitation.query(trx).findOne(pending)) {
    throw new AppError('conflict', { detail: 'This address is invited already. Resend that invitation, or revoke it first.' });
  }
}

/** The organization may let in nobody but addresses of its verified domains. */
async function assertAllowed({ trx, actor }: TenantContext, email: string): Promise<void> {
  const organization = await trx('organizations').where({ id: actor.orgId }).first<{ settings: unknown }>('settings');
  if (!organizationSettings(organization.settings).domains.restrictMembers) return;
  const domain = email.slice(email.lastIndexOf('@') + 1);
  const verified = await trx('domains').where({ org_id: actor.orgId, domain, status: 'verified' }).first<{ id: string } | undefined>('id');
  if (!verified) throw new AppError('address_not_allowed');
}
