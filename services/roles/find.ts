import { Role } from '../../db/models/Role.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { viewRoles } from './view.ts';
import type { RoleView } from './view.ts';

/** One of the organization's own roles (uuid). Throws not_found. */
export async function findRole({ trx, actor }: TenantContext, id: string): Promise<Role> {
  const role = await Role.query(trx).findOne({ org_id: actor.orgId, id });
  if (!role) throw new AppError('not_found');
  return role;
}

/** The same as it is shown. Throws not_found. */
export async function getRole(tenant: TenantContext, id: string): Promise<RoleView> {
  const views = await viewRoles(tenant, [await findRole(tenant, id)]);
  return views.at(-1)!;
}
