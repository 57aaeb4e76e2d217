import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { lockAccess } from './lockAccess.ts';

/**
 * Call it before a member (uuid of the membership) leaves, is removed or suspended, or loses the role `owner`, on whatever path. An organization
 * keeps an active owner whose e-mail address is verified: somebody who can sign in. The lock is held until the transaction ends, so of two owners
 * who remove each other at the same moment one stays. Throws last_owner.
 */
export async function assertNotLastOwner(tenant: TenantContext, membershipId: string): Promise<void> {
  await lockAccess(tenant);
  const owners = await activeOwners(tenant);
  if (!owners.some(({ id }) => id === membershipId)) return;
  if (owners.some(({ id, verifiedAt }) => id !== membershipId && verifiedAt !== null)) return;
  throw new AppError('last_owner', {
    detail: 'This is the last active owner with a verified e-mail address. Make somebody else an owner first.',
  });
}

function activeOwners({ trx, actor }: TenantContext): Promise<{ id: string; verifiedAt: Date | null }[]> {
  return trx('membership_roles as g')
    .join('memberships as m', (on) => on.on('m.org_id', 'g.org_id').andOn('m.id', 'g.membership_id'))
    .join('users as u', 'u.id', 'm.user_id')
    .where({ 'g.org_id': actor.orgId, 'g.role': 'owner', 'm.status': 'active' })
    .whereNull('u.deleted_at')
    .distinct<{ id: string; verifiedAt: Date | null }[]>({ id: 'm.id', verifiedAt: 'u.email_verified_at' });
}
