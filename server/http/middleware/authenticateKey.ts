import type { KeyRecord } from '../../../services/apiKeys/keyRecord.ts';
import { refusalOf } from '../../../services/apiKeys/refusalOf.ts';
import type { Actor } from '../../../services/context.ts';
import type { Deps } from '../../deps.ts';
import type { Route } from '../route.ts';
import type { Ctx } from '../state.ts';

/**
 * Lets in the holder of an API key. A key that is genuine but refused is on record as such, and counts as used in vain.
 * Throws invalid_api_key, and one of KEY_REFUSALS.
 */
export async function authenticateKey(ctx: Ctx, text: string, { operationId }: Route, deps: Deps): Promise<void> {
  const { authenticator, clock, keyRefusals } = deps;
  const key = await authenticator.identify(text);
  ctx.state.key = key;
  const actor = actorOf(key, ctx);
  const refusal = refusalOf(key, { now: clock.now(), ip: ctx.ip });
  if (refusal) {
    await keyRefusals.tell(actor, operationId, refusal.code);
    throw refusal;
  }
  ctx.state.actor = actor;
}

const actorOf = (key: KeyRecord, ctx: Ctx): Actor => ({
  type: 'api_key',
  id: key.id,
  name: key.name,
  orgId: key.orgId,
  workspaceId: key.workspaceId,
  permissions: key.permissions,
  ip: ctx.ip,
  userAgent: ctx.req.headers['user-agent'] ?? null,
  requestId: ctx.state.requestId,
  workflowId: null,
});
