import { Role } from '../../db/models/Role.ts';
import type { TenantContext } from '../context.ts';
import type { Slice } from '../slice.ts';
import { viewRoles } from './view.ts';
import type { RoleView } from './view.ts';

/** Built-in roles from the most to the least powerful, then the organization's own by name. `after` is what positionOf gave. */
export async function listRoles(tenant: TenantContext, { after, fetch }: Slice): Promise<RoleView[]> {
  const own = await Role.query(tenant.trx).where({ org_id: tenant.actor.orgId }).orderBy('name');
  const all = await viewRoles(tenant, own);
  const start = after === null ? 0 : all.findIndex((role) => positionOf(role) === after) + 1;
  return all.slice(start, start + fetch);
}

export const positionOf = ({ builtIn, id }: RoleView): string => builtIn ?? id!;
