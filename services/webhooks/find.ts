import { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/**
 * The endpoint, when it exists, is not deleted, and the actor may see it: a credential bound to a workspace sees that workspace's only.
 * `forChange` makes other changes of it wait until the transaction ends. Throws not_found in every other case.
 */
export async function findWebhook({ trx, actor }: TenantContext, id: string, { forChange = false } = {}): Promise<WebhookEndpoint> {
  const query = WebhookEndpoint.query(trx).findOne({ org_id: actor.orgId, id }).whereNull('deleted_at');
  if (actor.workspaceId !== null) void query.where({ workspace_id: actor.workspaceId });
  if (forChange) void query.forNoKeyUpdate();
  const webhook = await query;
  if (!webhook) throw new AppError('not_found');
  return webhook;
}
