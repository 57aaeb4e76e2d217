import type { Domain } from '../../db/models/Domain.ts';
import { listMembers } from '../../db/queries/listMembers.ts';
import type { TenantContext } from '../context.ts';
import { enqueueMail } from '../mail/enqueueMail.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { domainProblemMail } from '../mail/templates/domainProblem.ts';
import { recordOf } from './challenge.ts';

const MOST_OWNERS = 50;

/** Tells the organization's owners, at their verified addresses, that the record of a domain is gone. */
export async function mailOwners(tenant: TenantContext, domain: Domain, { lapsed }: { lapsed: boolean }): Promise<PromisedMail[]> {
  const { trx, actor } = tenant;
  const { orgId } = actor;
  const organization = await trx('organizations').where({ id: orgId }).first<{ name: string }>('name');
  const owners = await listMembers(trx, { orgId, status: 'active', role: { role: 'owner' }, limit: MOST_OWNERS });
  const { name, value } = recordOf(domain);
  const data = { organization: organization.name, domain: domain.domain, recordName: name, recordValue: value, lapsed };
  const mails: PromisedMail[] = [];
  for (const { email, userId, emailVerifiedAt } of owners) {
    if (emailVerifiedAt !== null) mails.push(await enqueueMail(tenant, { to: email, template: domainProblemMail, data, orgId, userId }));
  }
  return mails;
}
