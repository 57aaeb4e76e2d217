import { selectApiKeys, whereStatus } from '../../db/queries/selectApiKeys.ts';
import type { ApiKeyView, KeyStatus } from '../../db/queries/selectApiKeys.ts';
import type { TenantContext } from '../context.ts';
import type { Slice } from '../slice.ts';
import { readKeyPolicy } from './policy.ts';

/** What the list is narrowed to; absent: everything. */
export interface KeyFilter {
  status?: KeyStatus | undefined;
  owner?: 'organization' | 'user' | undefined;
  workspaceId?: string | undefined;
}

/** The keys that the actor may see, newest first. */
export async function listApiKeys(tenant: TenantContext, filter: KeyFilter, { after, fetch }: Slice): Promise<ApiKeyView[]> {
  const { trx, actor, clock } = tenant;
  const terms = { now: clock.now(), ...(await readKeyPolicy(tenant)) };
  const query = selectApiKeys(trx, actor.orgId, terms).orderBy('id', 'desc').limit(fetch);
  if (actor.workspaceId !== null) void query.where({ workspace_id: actor.workspaceId });
  if (filter.workspaceId !== undefined) void query.where({ workspace_id: filter.workspaceId });
  if (filter.owner !== undefined) void query.where({ owner_type: filter.owner });
  if (filter.status !== undefined) whereStatus(query, filter.status, terms);
  if (after !== null) void query.where('id', '<', after);
  return query;
}
