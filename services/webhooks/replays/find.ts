import { WebhookReplay } from '../../../db/models/WebhookReplay.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { findWebhook } from '../find.ts';

/** A replay of an endpoint that the actor may see. `forChange` holds it until the transaction ends. Throws not_found for either. */
export async function findReplay(
  tenant: TenantContext,
  webhookId: string,
  replayId: string,
  { forChange = false } = {},
): Promise<WebhookReplay> {
  const { trx, actor } = tenant;
  await findWebhook(tenant, webhookId);
  const query = WebhookReplay.query(trx).findOne({ org_id: actor.orgId, endpoint_id: webhookId, id: replayId });
  if (forChange) void query.forUpdate();
  const replay = await query;
  if (!replay) throw new AppError('not_found');
  return replay;
}
