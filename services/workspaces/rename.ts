import type { Workspace } from '../../db/models/Workspace.ts';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { findWorkspace } from './find.ts';

/** Throws not_found. */
export async function renameWorkspace(tenant: TenantContext, id: string, name: string): Promise<Workspace> {
  const workspace = await findWorkspace(tenant, id, { forChange: true });
  const before = { name: workspace.name };
  const renamed = await workspace.$query(tenant.trx).patchAndFetch({ name });
  await appendAudit(tenant, {
    action: 'workspaces.update',
    category: 'system_config',
    targets: [{ type: 'workspace', id: typeId('wsp', id), name }],
    before,
    after: { name },
  });
  return renamed;
}
