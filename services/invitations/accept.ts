import type { Knex } from 'knex';
import { toAppError } from '../../db/errors.ts';
import { findInvitation } from '../../db/queries/findInvitation.ts';
import type { FoundInvitation } from '../../db/queries/findInvitation.ts';
import { Invitation } from '../../db/models/Invitation.ts';
import { typeId } from '../../server/ids.ts';
import { assertMayGrant } from '../access/assertMayGrant.ts';
import { insertMember } from '../access/insertMember.ts';
import { lockAccess } from '../access/lockAccess.ts';
import { newcomer } from '../access/newcomer.ts';
import { appendAudit } from '../audit/append.ts';
import type { Origin } from '../auth/personContext.ts';
import type { SessionRecord } from '../auth/sessionRecord.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { ErrorCodeName } from '../errors/codes.ts';
import { assertSeatForInvited } from '../limits/assertSeatForInvited.ts';
import { runInTenant } from '../runInTenant.ts';
import type { TenantDeps } from '../runInTenant.ts';
import { assertAddressAllowed } from './assertAddressAllowed.ts';
import { currentInviter, outdated } from './inviter.ts';
import { readInvitationToken } from './token.ts';

/** Ids are uuids. */
export interface Accepted {
  orgId: string;
  organizationName: string;
  membershipId: string;
}

/**
 * Makes the session's person a member, once, with the roles that were offered. Bound to the invited address, which must be verified; the roles
 * must still be the inviter's to give; the seat is counted under the organization's lock. Who accepted already gets the same answer again.
 * Throws not_found (unknown, revoked, expired), email_not_verified, invitation_for_other_address, invitation_outdated, conflict, plan_limit_reached.
 */
export async function acceptInvitation(
  deps: TenantDeps,
  token: string,
  { session, origin }: { session: SessionRecord; origin: Origin },
): Promise<Accepted> {
  const digest = readInvitationToken(token);
  const found = digest && (await lookUp(deps.knex, digest));
  if (!found) throw new AppError('not_found');
  assertAddressee(found, session);
  const membershipId = await runInTenant(deps, newcomer(found.org_id, session, origin), (tenant) => join(tenant, digest, session.userId));
  return { orgId: found.org_id, organizationName: found.org_name, membershipId };
}

async function lookUp(knex: Knex, digest: Buffer): Promise<FoundInvitation | null> {
  try {
    return await findInvitation(knex, digest);
  } catch (error) {
    throw toAppError(error);
  }
}

/** Whoever holds the token may know that there is an invitation; who it is for, the mail told them. */
function assertAddressee({ email }: FoundInvitation, session: SessionRecord): void {
  if (session.email !== email) throw new AppError('invitation_for_other_address');
  if (session.emailVerifiedAt === null) throw new AppError('email_not_verified');
}

async function join(tenant: TenantContext, digest: Buffer, userId: string): Promise<string> {
  const seat = await seatOf(tenant, digest, userId);
  if (seat !== null) return seat;
  await assertSeatForInvited(tenant);
  const invitation = await claim(tenant, digest, userId);
  const { id } = invitation;
  await assertStillOffered(tenant, invitation);
  const grantedBy = invitation.invitedByType === 'user' ? invitation.invitedBy : null;
  const membershipId = await insertMember(tenant, { userId, roles: invitation.roles, source: 'invite', sourceRef: id, grantedBy });
  await appendAudit(tenant, {
    action: 'invitations.accept',
    category: 'user_management',
    targets: [
      { type: 'invitation', id: typeId('inv', id), name: invitation.email },
      { type: 'user', id: typeId('usr', userId) },
    ],
    after: { roles: invitation.roles, membership_id: typeId('mem', membershipId) },
  });
  return membershipId;
}

/** Of any number of tries one takes it. A new token, a revocation and the end of its time count until this very moment. */
async function claim({ trx, actor, clock }: TenantContext, digest: Buffer, userId: string): Promise<Invitation> {
  const now = clock.now();
  const claimed = await Invitation.query(trx)
    .patch({ status: 'accepted', acceptedAt: now, acceptedBy: userId, updatedAt: now })
    .where({ org_id: actor.orgId, token_digest: digest, status: 'pending' })
    .where('expires_at', '>', now)
    .returning('*')
    .first();
  if (!claimed) throw new AppError('not_found');
  return claimed as Invitation;
}

/** What was true when it was sent and is not any more. */
const OUTDATED: ReadonlySet<ErrorCodeName> = new Set(['permission_denied', 'validation_failed', 'address_not_allowed']);

async function assertStillOffered(tenant: TenantContext, invitation: Invitation): Promise<void> {
  const granter = await currentInviter(tenant, invitation);
  try {
    await assertMayGrant(tenant, invitation.roles, { granter });
    await assertAddressAllowed(tenant, invitation.email);
  } catch (error) {
    if (error instanceof AppError && OUTDATED.has(error.code)) throw outdated(error);
    throw error;
  }
}

/** The membership that this person made of this invitation before; waits for who is making it right now. */
async function seatOf(tenant: TenantContext, digest: Buffer, userId: string): Promise<string | null> {
  const { trx, actor } = tenant;
  await lockAccess(tenant);
  const accepted = await Invitation.query(trx).findOne({
    org_id: actor.orgId,
    token_digest: digest,
    status: 'accepted',
    accepted_by: userId,
  });
  if (!accepted) return null;
  const member = { org_id: actor.orgId, user_id: userId, status: 'active' };
  return (await trx('memberships').where(member).first<{ id: string } | undefined>('id'))?.id ?? null;
}
