import { typeId } from '../../server/ids.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { getDomain } from './find.ts';

/** Removes a domain: nobody joins by it any more, and another organization may verify it. Who joined by it stays. Throws not_found, permission_denied. */
export async function deleteDomain(tenant: TenantContext, id: string): Promise<void> {
  assertWholeOrganization(tenant.actor);
  const domain = await getDomain(tenant, id, { forChange: true });
  await domain.$query(tenant.trx).delete();
  await appendAudit(tenant, {
    action: 'domains.delete',
    category: 'system_config',
    severity: domain.status === 'verified' ? 'warning' : 'info',
    targets: [{ type: 'domain', id: typeId('dom', id), name: domain.domain }],
    before: { domain: domain.domain, status: domain.status },
  });
}
