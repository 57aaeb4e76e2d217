import { WebhookReplay } from '../../../db/models/WebhookReplay.ts';
import type { TenantContext } from '../../context.ts';
import type { Slice } from '../../slice.ts';
import { findWebhook } from '../find.ts';

/** Replays of one endpoint, finished ones too, newest first. Throws not_found (endpoint). */
export async function listReplays(tenant: TenantContext, webhookId: string, { after, fetch }: Slice): Promise<WebhookReplay[]> {
  const { trx, actor } = tenant;
  const { id } = await findWebhook(tenant, webhookId);
  const query = WebhookReplay.query(trx).where({ org_id: actor.orgId, endpoint_id: id }).orderBy('id', 'desc').limit(fetch);
  if (after !== null) void query.where('id', '<', after);
  return query;
}
