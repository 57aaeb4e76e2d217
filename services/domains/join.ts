import { toAppError } from '../../db/errors.ts';
import { findDomainOwner } from '../../db/queries/findDomainOwner.ts';
import type { DomainOwner } from '../../db/queries/findDomainOwner.ts';
import { typeId } from '../../server/ids.ts';
import { insertMember } from '../access/insertMember.ts';
import { lockAccess } from '../access/lockAccess.ts';
import { newcomer } from '../access/newcomer.ts';
import { appendAudit } from '../audit/append.ts';
import type { Origin } from '../auth/personContext.ts';
import type { SessionRecord } from '../auth/sessionRecord.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { endInvitationsFor } from '../invitations/endFor.ts';
import { assertRoom } from '../limits/assertRoom.ts';
import { domainOf } from '../mail/address.ts';
import { organizationSettings } from '../organizations/settings.ts';
import { runInTenant } from '../runInTenant.ts';
import type { TenantDeps } from '../runInTenant.ts';

/** Ids are uuids. */
export interface Joined {
  orgId: string;
  organizationName: string;
  membershipId: string;
  role: 'member' | 'viewer';
}

/**
 * Makes the session's person a member of the one organization that has verified the domain of their verified address and lets its people join.
 * The same 404 whether nobody has the domain, or who has it lets nobody join. Throws email_not_verified, not_found, conflict (a member already),
 * plan_limit_reached.
 */
export async function joinByDomain(
  deps: TenantDeps,
  { session, origin, organizationId }: { session: SessionRecord; origin: Origin; organizationId: string | null },
): Promise<Joined> {
  if (session.emailVerifiedAt === null) throw new AppError('email_not_verified');
  const owner = await findDomainOwner(deps.knex, domainOf(session.email)).catch((error: unknown) => Promise.reject(toAppError(error)));
  if (!owner || (organizationId !== null && organizationId !== owner.org_id) || !letsIn(owner.settings)) throw new AppError('not_found');
  return runInTenant(deps, newcomer(owner.org_id, session, origin), (tenant) => join(tenant, owner, session));
}

const letsIn = (settings: unknown): boolean => organizationSettings(settings).domains.join;

async function join(
  tenant: TenantContext,
  { org_id: orgId, org_name: organizationName, domain_id: domainId }: DomainOwner,
  { userId, email }: SessionRecord,
): Promise<Joined> {
  const { trx } = tenant;
  if (await trx('memberships').where({ org_id: orgId, user_id: userId }).first<{ id: string } | undefined>('id')) {
    throw new AppError('conflict', { detail: 'You are a member of this organization already.' });
  }
  await lockAccess(tenant);
  // The seat that an invitation holds for this person is the one they take.
  const revoked = await endInvitationsFor(tenant, email);
  await assertRoom(tenant, 'seats');
  // Under the organization's lock now: what was read before may have changed.
  const { settings } = await trx('organizations').where({ id: orgId }).first<{ settings: unknown }>('settings');
  const verified = await trx('domains').where({ org_id: orgId, id: domainId, status: 'verified' }).first<{ id: string } | undefined>('id');
  if (!verified || !letsIn(settings)) throw new AppError('not_found');
  const role = organizationSettings(settings).domains.joinRole;
  const membershipId = await insertMember(tenant, { userId, roles: [{ role }], source: 'domain', sourceRef: domainId });
  await appendAudit(tenant, {
    action: 'organizations.join',
    category: 'user_management',
    targets: [
      { type: 'user', id: typeId('usr', userId) },
      { type: 'domain', id: typeId('dom', domainId) },
    ],
    after: { role, membership_id: typeId('mem', membershipId), revoked_invitations: revoked },
  });
  return { orgId, organizationName, membershipId, role };
}
