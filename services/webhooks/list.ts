import type { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import { listWebhooks as queryWebhooks } from '../../db/queries/listWebhooks.ts';
import type { TenantContext } from '../context.ts';
import type { Slice } from '../slice.ts';

/** The endpoints that the actor may see, newest first. */
export function listWebhooks({ trx, actor }: TenantContext, { after, fetch }: Slice): Promise<WebhookEndpoint[]> {
  return queryWebhooks(trx, { orgId: actor.orgId, workspaceId: actor.workspaceId, before: after, limit: fetch });
}
