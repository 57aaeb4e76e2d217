import { Workspace } from '../../db/models/Workspace.ts';
import { newId, typeId } from '../../server/ids.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { assertRoom } from '../limits/assertRoom.ts';

/** Makes a workspace. Throws plan_limit_reached, permission_denied for who acts in one workspace. */
export async function createWorkspace(tenant: TenantContext, { name }: { name: string }): Promise<Workspace> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  await assertRoom(tenant, 'workspaces');
  const id = newId(clock);
  const workspace = await Workspace.query(trx).insertAndFetch({ orgId: actor.orgId, id, name, createdAt: clock.now() });
  await appendAudit(tenant, {
    action: 'workspaces.create',
    category: 'system_config',
    targets: [{ type: 'workspace', id: typeId('wsp', id), name }],
    after: { name },
  });
  return workspace;
}
