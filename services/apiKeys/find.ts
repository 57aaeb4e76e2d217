import { selectApiKeys } from '../../db/queries/selectApiKeys.ts';
import type { ApiKeyView } from '../../db/queries/selectApiKeys.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { readKeyPolicy } from './policy.ts';
import type { KeyPolicy } from './policy.ts';

/**
 * The key, in whatever state, when the actor may see it: a credential that is bound to a workspace sees that workspace's only.
 * `forChange` makes other changes of it wait until the transaction ends. Throws not_found in every other case.
 */
export async function findApiKey(tenant: TenantContext, id: string, { forChange = false } = {}): Promise<ApiKeyView> {
  return (await findUnderPolicy(tenant, id, { forChange })).key;
}

/** The same, with the policy that it is judged by. */
export async function findUnderPolicy(
  tenant: TenantContext,
  id: string,
  { forChange = false } = {},
): Promise<{ key: ApiKeyView; policy: KeyPolicy }> {
  const { trx, actor, clock } = tenant;
  const policy = await readKeyPolicy(tenant);
  const query = selectApiKeys(trx, actor.orgId, { now: clock.now(), ...policy }).where({ id });
  if (actor.workspaceId !== null) void query.where({ workspace_id: actor.workspaceId });
  if (forChange) void query.forNoKeyUpdate();
  const [key] = await query;
  if (!key) throw new AppError('not_found');
  return { key, policy };
}
