import { Domain } from '../../db/models/Domain.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/** `forChange` makes other changes of it wait until the transaction ends. Throws not_found. */
export async function getDomain({ trx, actor }: TenantContext, id: string, { forChange = false } = {}): Promise<Domain> {
  const query = Domain.query(trx).findOne({ org_id: actor.orgId, id });
  if (forChange) void query.forNoKeyUpdate();
  const domain = await query;
  if (!domain) throw new AppError('not_found');
  return domain;
}

/** All of the organization, by name: there are few. */
export async function listDomains({ trx, actor }: TenantContext): Promise<Domain[]> {
  return Domain.query(trx).where({ org_id: actor.orgId }).orderBy('domain');
}
