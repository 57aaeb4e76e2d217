import type { Transaction } from 'objection';
import { WebhookEndpoint } from '../models/WebhookEndpoint.ts';

interface WebhookFilter {
  orgId: string;
  /** Only endpoints of this workspace. */
  workspaceId: string | null;
  /** Only endpoints older than this one: where the previous page ended. */
  before: string | null;
  limit: number;
}

/** Endpoints that are not deleted, newest first. */
export async function listWebhooks(trx: Transaction, { orgId, workspaceId, before, limit }: WebhookFilter): Promise<WebhookEndpoint[]> {
  const query = WebhookEndpoint.query(trx).where({ org_id: orgId }).whereNull('deleted_at').orderBy('id', 'desc').limit(limit);
  if (workspaceId !== null) void query.where({ workspace_id: workspaceId });
  if (before !== null) void query.where('id', '<', before);
  return query;
}
