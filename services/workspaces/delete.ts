import { lockInTenant } from '../../db/lockInTenant.ts';
import { typeId } from '../../server/ids.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { deleteWebhook } from '../webhooks/delete.ts';
import { findWorkspace } from './find.ts';

/** What lives in a workspace and would be left behind; uuids. */
interface Bound {
  endpointIds: string[];
  apiKeyIds: string[];
}

/**
 * Deletes a workspace. While endpoints or working keys are bound to it that is refused, unless `force`: then the endpoints are deleted and
 * the keys revoked with it. Roles that were held there grant nothing any more, and a deleted workspace makes room for another.
 * Throws not_found, conflict for what is bound to it and for the last one, permission_denied for who acts in one workspace.
 */
export async function deleteWorkspace(tenant: TenantContext, id: string, { force }: { force: boolean }): Promise<void> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  // Not the organization's row: whoever binds something to a workspace holds that one first, and then the organization.
  await lockInTenant(trx, actor.orgId, 'delete_workspace');
  // Locked against new foreign keys too: nothing can be bound to it meanwhile.
  const workspace = await findWorkspace(tenant, id, { forChange: true });
  await assertNotLast(tenant);
  const bound = await boundTo(tenant, id);
  if (!force) assertEmpty(bound);
  for (const endpointId of bound.endpointIds) await deleteWebhook(tenant, endpointId);
  await trx('api_keys')
    .whereIn('id', bound.apiKeyIds)
    .where({ org_id: actor.orgId })
    .update({ revoked_at: clock.now(), updated_at: clock.now() });
  await trx('membership_roles').where({ org_id: actor.orgId, workspace_id: id }).delete();
  await workspace.$query(trx).patch({ deletedAt: clock.now() });
  await appendAudit(tenant, {
    action: 'workspaces.delete',
    category: 'system_config',
    severity: force ? 'warning' : 'info',
    targets: [
      { type: 'workspace', id: typeId('wsp', id), name: workspace.name },
      ...bound.apiKeyIds.slice(0, NAMED_KEYS).map((keyId) => ({ type: 'api_key', id: typeId('key', keyId) })),
    ],
    before: { name: workspace.name },
    after: { deleted_endpoints: bound.endpointIds.length, revoked_keys: bound.apiKeyIds.length },
  });
}

/** A leaf of the audit log holds at most 64 KiB. */
const NAMED_KEYS = 200;

async function assertNotLast({ trx, actor }: TenantContext): Promise<void> {
  const ids = await trx('workspaces').where({ org_id: actor.orgId }).whereNull('deleted_at').limit(2).pluck('id');
  if (ids.length > 1) return;
  throw new AppError('conflict', { detail: 'This is the last workspace of the organization. Make another one first.' });
}

async function boundTo({ trx, actor }: TenantContext, workspaceId: string): Promise<Bound> {
  const here = { org_id: actor.orgId, workspace_id: workspaceId };
  return {
    endpointIds: await trx('webhook_endpoints').where(here).whereNull('deleted_at').orderBy('id').pluck('id'),
    apiKeyIds: await trx('api_keys').where(here).whereNull('revoked_at').orderBy('id').pluck('id'),
  };
}

function assertEmpty({ endpointIds, apiKeyIds }: Bound): void {
  if (endpointIds.length + apiKeyIds.length === 0) return;
  throw new AppError('conflict', {
    detail: `${endpointIds.length} webhook endpoints and ${apiKeyIds.length} API keys are bound to this workspace. Delete them first, or send force=true to delete and revoke them with it.`,
  });
}
