import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/**
 * Makes whoever else changes members, roles or seats of the organization wait until this transaction ends. It is the lock that limits are
 * counted under (`assertRoom`), so the two cannot wait for each other. Throws not_found.
 */
export async function lockAccess({ trx, actor }: Pick<TenantContext, 'trx' | 'actor'>): Promise<void> {
  // NO KEY: rows that point at the organization are still written.
  const organization = await trx('organizations').where({ id: actor.orgId }).forNoKeyUpdate().first<{ id: string } | undefined>('id');
  if (!organization) throw new AppError('not_found');
}
