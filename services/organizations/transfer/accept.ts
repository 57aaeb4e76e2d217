import type { OwnershipTransfer } from '../../../db/models/OwnershipTransfer.ts';
import { typeId } from '../../../server/ids.ts';
import { assertNotLastOwner } from '../../access/assertNotLastOwner.ts';
import { insertGrants } from '../../access/insertMember.ts';
import { personSession } from '../../access/personSession.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { assertFresh } from '../../mfa/freshness.ts';
import { findOrganization } from '../findOrganization.ts';
import { pendingTransfer } from './find.ts';

/**
 * Takes up the ownership that was offered to the actor: who offered it must be an active owner still, and becomes an administrator. In one
 * transaction under the lock of members and roles, so at no moment is there no owner. To everybody else there is no such transfer.
 * Throws not_found, permission_denied, step_up_required, conflict when who offered it is no owner any more, last_owner when the actor's address is not verified.
 */
export async function acceptTransfer(tenant: TenantContext): Promise<OwnershipTransfer> {
  const { trx, actor, clock } = tenant;
  const session = personSession(actor, 'Ownership is taken up by a person: send the access token of a session.');
  const { name } = await findOrganization(tenant, { forChange: true });
  const transfer = await pendingTransfer(tenant);
  if (transfer.toUserId !== actor.id) throw new AppError('not_found');
  assertFresh(session, clock.now(), session.mfaAt !== null);
  const [from, to] = [await activeMembership(tenant, transfer.fromUserId), await activeMembership(tenant, actor.id)];
  const given = from === null ? [] : await ownerGrants(tenant, from);
  if (from === null || to === null || given.length === 0) {
    throw new AppError('conflict', { detail: 'Who offered you the ownership is no owner any more. The offer is void.' });
  }
  const gift = { source: 'transfer' as const, sourceRef: transfer.id, grantedBy: transfer.fromUserId };
  await insertGrants(tenant, to, { roles: [{ role: 'owner' }], ...gift });
  await insertGrants(tenant, from, { roles: [{ role: 'admin' }], ...gift });
  await assertNotLastOwner(tenant, from);
  await trx('membership_roles').where({ org_id: actor.orgId }).whereIn('id', given).delete();
  const accepted = await transfer.$query(trx).patchAndFetch({ status: 'accepted', finishedAt: clock.now() });
  await appendAudit(tenant, {
    action: 'organizations.accept_ownership',
    category: 'user_management',
    severity: 'critical',
    targets: [
      { type: 'organization', id: typeId('org', actor.orgId), name },
      { type: 'user', id: typeId('usr', transfer.fromUserId) },
      { type: 'user', id: typeId('usr', actor.id) },
    ],
    before: { owner: typeId('usr', transfer.fromUserId) },
    after: { owner: typeId('usr', actor.id) },
  });
  return accepted;
}

async function activeMembership({ trx, actor }: TenantContext, userId: string): Promise<string | null> {
  const where = { org_id: actor.orgId, user_id: userId, status: 'active' };
  return (await trx('memberships').where(where).first<{ id: string } | undefined>('id'))?.id ?? null;
}

const ownerGrants = ({ trx, actor }: TenantContext, membershipId: string): Promise<string[]> =>
  trx('membership_roles').where({ org_id: actor.orgId, membership_id: membershipId, role: 'owner' }).pluck('id');
