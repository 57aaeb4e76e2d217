import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { domainOf } from '../mail/address.ts';
import { organizationSettings } from '../organizations/settings.ts';

/** The organization may let in nobody but addresses of its verified domains (`domains.restrict_members`). Throws address_not_allowed. */
export async function assertAddressAllowed({ trx, actor }: TenantContext, email: string): Promise<void> {
  const organization = await trx('organizations').where({ id: actor.orgId }).first<{ settings: unknown }>('settings');
  if (!organizationSettings(organization.settings).domains.restrictMembers) return;
  const own = { org_id: actor.orgId, domain: domainOf(email), status: 'verified' };
  if (!(await trx('domains').where(own).first<{ id: string } | undefined>('id'))) throw new AppError('address_not_allowed');
}
