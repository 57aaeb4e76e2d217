import { Organization } from '../../../db/models/Organization.ts';

import { memberGrants } from '../../../db/queries/memberGrants.ts';
import { typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { assertFresh } from '../../mfa/freshness.ts';
import { mfaRequired } from '../../mfa/mfaRequired.ts';
import { concerns, satisfies } from '../../mfa/policy.ts';
import { enqueueDeletion } from '../../outbox/deletions.ts';
import type { PromisedDeletion } from '../../outbox/deletions.ts';
import { personSession } from '../../access/personSession.ts';
import { organizationSettings } from '../settings.ts';
import { isOwner } from '../isOwner.ts';

/**
 * Takes the deletion of the transaction's organization back: an owner does, who proved who they are a moment ago and satisfies its policy of second
 * factors. To everybody else the organization is not there. Throws not_found, step_up_required, mfa_required, conflict when it is not
 * deleted, or its erasure began.
 */
export async function restoreOrganization(tenant: TenantContext): Promise<{ organization: Organization; promise: PromisedDeletion }> {
  const { trx, actor, clock } = tenant;
  const session = personSession(actor, 'An organization is restored by a person.');
  const grants = await memberGrants(trx, actor.orgId, actor.id);
  const found = await Organization.query(trx).findById(actor.orgId).forNoKeyUpdate();
  if (!found || found.erasedAt !== null || !grants?.some(isOwner)) throw new AppError('not_found');
  const now = clock.now();
  const policy = organizationSettings(found.settings).mfa;
  if (concerns(policy, grants) && !satisfies(policy, session)) throw mfaRequired(policy);
  assertFresh(session, now, session.mfaAt !== null);
  if (found.deletedAt === null) throw new AppError('conflict', { detail: 'The organization is not deleted.' });
  if (found.deletionDueAt === null || found.erasureStartedAt !== null || found.deletionDueAt <= now) {
    throw new AppError('conflict', { detail: 'The time to restore the organization is over: its data is being erased.' });
  }
  const change = { deletedAt: null, deletionDueAt: null, deletionNextAt: null, deletionWarnings: 0, updatedAt: now };
  const organization = await found.$query(trx).patchAndFetch(change);
  await appendAudit(tenant, {
    action: 'organizations.restore',
    category: 'system_config',
    severity: 'critical',
    targets: [{ type: 'organization', id: typeId('org', actor.orgId), name: organization.name }],
  });
  return { organization, promise: await enqueueDeletion(trx, actor.orgId) };
}
