import { Organization } from '../../db/models/Organization.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/**
 * The actor's organization. `forChange` makes whoever else changes it, its members or what its plan limits wait until the transaction ends.
 * Throws not_found when it is deleted.
 */
export async function findOrganization(
  { trx, actor }: Pick<TenantContext, 'trx' | 'actor'>,
  { forChange = false } = {},
): Promise<Organization> {
  const query = Organization.query(trx).findById(actor.orgId).whereNull('deleted_at');
  if (forChange) void query.forNoKeyUpdate();
  const organization = await query;
  if (!organization) throw new AppError('not_found');
  return organization;
}
