import { lockInTenant } from '../../db/lockInTenant.ts';
import { Domain } from '../../db/models/Domain.ts';
import { newId, typeId } from '../../server/ids.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { newChallenge } from './challenge.ts';
import { readDomain } from './name.ts';
import type { DomainFault } from './name.ts';

const MOST = 50;

const FAULTS: Readonly<Record<DomainFault, string>> = {
  not_a_domain: 'is no domain: expected one such as acme.example',
  public_suffix: 'is a public suffix, below which anybody can have a domain (publicsuffix.org)',
  public_mail: 'belongs to a mail provider: anybody can have an address there',
};

/**
 * Puts a domain on record, with the challenge that proves it. It grants nothing until it is verified, and others may put the same one on
 * record: who does not have it cannot verify it. Throws permission_denied, domain_not_allowed, conflict.
 */
export async function createDomain(tenant: TenantContext, text: string): Promise<Domain> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  const read = readDomain(text);
  if ('fault' in read) {
    const fields = [{ location: 'body.domain', message: FAULTS[read.fault] }];
    throw new AppError('domain_not_allowed', { detail: `body.domain ${FAULTS[read.fault]}`, fields });
  }
  const { domain } = read;
  await lockInTenant(trx, actor.orgId, 'domains');
  const own = await Domain.query(trx).where({ org_id: actor.orgId }).select('domain');
  if (own.some((each) => each.domain === domain)) throw new AppError('conflict', { detail: `${domain} is in the list already.` });
  if (own.length >= MOST) throw new AppError('conflict', { detail: `An organization has at most ${MOST} domains. Remove one first.` });
  const now = clock.now();
  const id = newId(clock);
  const createdBy = actor.type === 'user' ? actor.id : null;
  await Domain.query(trx).insert({ orgId: actor.orgId, id, domain, challenge: newChallenge(), createdBy, createdAt: now, updatedAt: now });
  await appendAudit(tenant, {
    action: 'domains.create',
    category: 'system_config',
    targets: [{ type: 'domain', id: typeId('dom', id), name: domain }],
    after: { domain },
  });
  return Domain.query(trx).findOne({ org_id: actor.orgId, id }).throwIfNotFound();
}
