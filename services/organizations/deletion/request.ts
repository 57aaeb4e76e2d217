import type { Organization } from '../../../db/models/Organization.ts';
import { typeId } from '../../../server/ids.ts';
import { personSession } from '../../access/personSession.ts';
import { assertWholeOrganization } from '../../access/wholeOrganization.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import type { PromisedMail } from '../../mail/enqueueMail.ts';
import { assertFresh } from '../../mfa/freshness.ts';
import { enqueueDeletion } from '../../outbox/deletions.ts';
import type { PromisedDeletion } from '../../outbox/deletions.ts';
import { findOrganization } from '../findOrganization.ts';
import { warnOwners } from './warnOwners.ts';

const DAY_MS = 86_400_000;

export interface RequestedDeletion {
  organization: Organization;
  /** To be kept, and to be sent, after the commit. */
  promise: PromisedDeletion;
  mails: PromisedMail[];
}

/**
 * Deletes the actor's organization: from the commit on no key and no session gets in, and `recoveryDays` later its data is erased, unless an owner
 * restores it. Done by a person who proved who they are a moment ago. Throws not_found, permission_denied, step_up_required.
 */
export async function requestDeletion(tenant: TenantContext, { recoveryDays }: { recoveryDays: number }): Promise<RequestedDeletion> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  const session = personSession(actor, 'An organization is deleted by a person: send the access token of a session.');
  const now = clock.now();
  assertFresh(session, now, session.mfaAt !== null);
  const found = await findOrganization(tenant, { forChange: true });
  const deletionDueAt = new Date(now.getTime() + recoveryDays * DAY_MS);
  const change = { deletedAt: now, deletionDueAt, deletionNextAt: now, deletionWarnings: 0, updatedAt: now };
  const organization = await found.$query(trx).patchAndFetch(change);
  await appendAudit(tenant, {
    action: 'organizations.delete',
    category: 'system_config',
    severity: 'critical',
    targets: [{ type: 'organization', id: typeId('org', actor.orgId), name: organization.name }],
    after: { deletion_due_at: deletionDueAt.toISOString() },
  });
  return { organization, promise: await enqueueDeletion(trx, actor.orgId), mails: await warnOwners(tenant, organization, null) };
}
