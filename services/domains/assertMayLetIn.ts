import { assertMayGrant } from '../access/assertMayGrant.ts';
import type { TenantContext } from '../context.ts';
import type { OrganizationSettings } from '../organizations/settings.ts';

/**
 * Whoever opens the organization to the people of a domain, by the setting or by proving one more domain, gives each of them a role: nobody gives
 * what they do not hold. Throws permission_denied.
 */
export async function assertMayLetIn(tenant: TenantContext, { domains }: OrganizationSettings): Promise<void> {
  if (domains.join) await assertMayGrant(tenant, [{ role: domains.joinRole }], { location: 'body.settings.domains.join_role' });
}
