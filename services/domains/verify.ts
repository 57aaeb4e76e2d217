import type { Domain } from '../../db/models/Domain.ts';
import { typeId } from '../../server/ids.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { findOrganization } from '../organizations/findOrganization.ts';
import { organizationSettings } from '../organizations/settings.ts';
import { enqueueVerification } from '../outbox/verifications.ts';
import type { PromisedVerification } from '../outbox/verifications.ts';
import { assertMayLetIn } from './assertMayLetIn.ts';
import { recordOf } from './challenge.ts';
import type { ProofOutcome } from './challenge.ts';
import { getDomain } from './find.ts';
import { DAILY_MS } from './recheck.ts';

/**
 * Writes down that the organization has proven its domain, or says why it has not. `outcome` is what DNS said about `challenge` before this
 * transaction. `promise` is to be kept after the commit: it has the record looked for every day.
 * Throws permission_denied, not_found, domain_unproven; domain_taken when another organization has proven it before.
 */
export async function verifyDomain(
  tenant: TenantContext,
  id: string,
  { challenge, outcome }: { challenge: string; outcome: ProofOutcome },
): Promise<{ domain: Domain; promise: PromisedVerification | null }> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  const domain = await getDomain(tenant, id, { forChange: true });
  if (outcome !== 'proven') throw unproven(domain, outcome);
  // Removed and made anew in between: what was proven is another challenge.
  if (domain.challenge !== challenge) throw new AppError('not_found');
  const now = clock.now();
  const seen = {
    confirmedAt: now,
    checkedAt: now,
    nextCheckAt: new Date(now.getTime() + DAILY_MS),
    failures: 0,
    lastFailure: null,
    updatedAt: now,
  };
  if (domain.status === 'verified') {
    await domain.$query(trx).patch(seen);
    return { domain, promise: null };
  }
  const { settings } = await findOrganization(tenant, { forChange: true });
  await assertMayLetIn(tenant, organizationSettings(settings));
  const before = { status: domain.status };
  await domain.$query(trx).patch({ ...seen, status: 'verified', verifiedAt: now });
  await appendAudit(tenant, {
    action: 'domains.verify',
    category: 'system_config',
    targets: [{ type: 'domain', id: typeId('dom', id), name: domain.domain }],
    before,
    after: { status: 'verified', domain: domain.domain },
  });
  return { domain, promise: await enqueueVerification(trx, actor.orgId, id) };
}

function unproven(domain: Domain, outcome: ProofOutcome): AppError {
  const { name, value } = recordOf(domain);
  const message =
    outcome === 'missing' ? `has no TXT record "${value}" at ${name} yet` : `could not be looked up: no name server answered for ${name}`;
  return new AppError('domain_unproven', { detail: `${domain.domain} ${message}.`, fields: [{ location: 'path.id', message }] });
}
