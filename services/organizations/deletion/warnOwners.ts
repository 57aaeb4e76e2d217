import type { Organization } from '../../../db/models/Organization.ts';
import { activeOwners } from '../../../db/queries/activeOwners.ts';
import { typeId } from '../../../server/ids.ts';
import type { TenantContext } from '../../context.ts';
import { enqueueMail } from '../../mail/enqueueMail.ts';
import type { PromisedMail } from '../../mail/enqueueMail.ts';
import { organizationDeletionMail } from '../../mail/templates/organizationDeletion.ts';

/** Writes to every owner that the organization is going to be erased. `daysLeft`: null when that was asked for just now. Mails to be woken after the commit. */
export async function warnOwners(tenant: TenantContext, organization: Organization, daysLeft: number | null): Promise<PromisedMail[]> {
  const { id: orgId, name, deletionDueAt } = organization;
  const data = { organization: name, organizationId: typeId('org', orgId), dueAt: deletionDueAt ?? tenant.clock.now(), daysLeft };
  const mails: PromisedMail[] = [];
  for (const { userId, email } of await activeOwners(tenant.trx, orgId)) {
    mails.push(await enqueueMail(tenant, { to: email, template: organizationDeletionMail, data, orgId, userId }));
  }
  return mails;
}
