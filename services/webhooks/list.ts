import { listWebhooks as queryWebhooks } from '../../db/queries/readWebhooks.ts';
import type { ShownWebhook } from '../../db/queries/readWebhooks.ts';
import type { ReadContext } from '../context.ts';
import type { Slice } from '../slice.ts';

/** The endpoints that the actor may see, newest first. */
export function listWebhooks({ trx, actor }: ReadContext, { after, fetch }: Slice): Promise<ShownWebhook[]> {
  return queryWebhooks(trx, { orgId: actor.orgId, workspaceId: actor.workspaceId, before: after, limit: fetch });
}
