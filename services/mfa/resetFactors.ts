import { enterUser } from '../../db/tenancy.ts';
import { assertWithin } from '../access/assertMayGrant.ts';
import { ceilingOf } from '../access/ceiling.ts';
import { lockAccess } from '../access/lockAccess.ts';
import { personSession } from '../access/personSession.ts';
import { appendAudit } from '../audit/append.ts';
import { revokeSessions } from '../auth/revokeSessions.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { enqueueMail } from '../mail/enqueueMail.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { secondFactorChanged } from '../mail/templates/secondFactorChanged.ts';
import { memberTarget } from '../members/describe.ts';
import { findMember } from '../members/find.ts';
import { asResolved } from '../members/setRoles.ts';
import { removeAllFactors } from './factors.ts';
import { assertFresh } from './freshness.ts';
import { lockFactors } from './lockFactors.ts';

/**
 * Removes every second factor of a member (uuid) and ends all their sessions, for somebody who lost them all. Who asks is a person who used a
 * second factor within the last ten minutes, holds all that the member holds, and is another. The member must be in no other organization.
 * Throws not_found, permission_denied, step_up_required, conflict.
 */
export async function resetFactors(tenant: TenantContext, userId: string): Promise<PromisedMail> {
  const { actor, clock } = tenant;
  await lockAccess(tenant);
  const member = await findMember(tenant, userId);
  const session = personSession(actor, 'Factors are reset by a person: send the access token of a session.');
  assertFresh(session, clock.now(), true);
  if (actor.id === userId) throw new AppError('conflict', { detail: 'These are your own factors. Change them at /auth/mfa.' });
  assertWithin(await ceilingOf(tenant), member.roles.map(asResolved));
  await forget(tenant, userId);
  await appendAudit(tenant, {
    action: 'users.reset_mfa',
    category: 'user_management',
    severity: 'warning',
    targets: [memberTarget(member)],
  });
  return enqueueMail(tenant, {
    to: member.email,
    template: secondFactorChanged,
    data: { change: 'reset', at: clock.now(), ip: null },
    orgId: actor.orgId,
    userId,
  });
}

/**
 * Here, and nowhere else, an organization's transaction enters the rows of another person: its only organization decides about the door. One that is
 * deleted counts until its erasure begins, because its owner can restore it, with this person in it.
 */
async function forget({ trx, clock }: TenantContext, userId: string): Promise<void> {
  await enterUser(trx, userId);
  const { rows } = await trx.raw<{ rows: { org_id: string }[] }>(
    'SELECT org_id FROM organizations_of(?) WHERE erasure_started_at IS NULL',
    [userId],
  );
  if (rows.length > 1) {
    throw new AppError('conflict', {
      detail:
        'This person is in other organizations too, perhaps in one that was deleted and can still be restored, and these factors are their door as well. They use a recovery code, or leave the others first.',
    });
  }
  await lockFactors({ trx, userId });
  await removeAllFactors({ trx, userId });
  await revokeSessions({ trx, userId, clock }, { reason: 'second_factor_changed' });
}
