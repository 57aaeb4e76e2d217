import { newId } from '../../server/ids.ts';
import { withTenant } from '../../db/tenancy.ts';
import type { TestDatabase } from './database.ts';

/** A further workspace of the organization; returns its uuid. */
export async function createWorkspace(database: TestDatabase, orgId: string): Promise<string> {
  const id = newId();
  await withTenant(database.app, orgId, (trx) => trx('workspaces').insert({ org_id: orgId, id, name: 'Another' }));
  return id;
}
