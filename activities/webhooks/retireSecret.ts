import { uuidOf } from '../../server/ids.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import { retireSecret as retire } from '../../services/webhooks/retireSecret.ts';
import type { Args } from '../../workflows/webhookSecretRotation/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';

/** RFC 3339 while the overlap lasts; null when the secret is gone. Safe to repeat. */
export interface RetireSecretResult {
  retiresAt: string | null;
}

/** Erases the replaced secret when its overlap is over, else says when that is. */
export const retireSecret =
  (deps: ActivityDeps) =>
  async ({ orgId, endpointId, secretId }: Args): Promise<RetireSecretResult> => {
    const ids = { endpointId: uuidOf('whk', endpointId), secretId: uuidOf('sec', secretId) };
    const actor = workflowActor(uuidOf('org', orgId), ids.endpointId);
    const retiresAt = await runInTenant(deps, actor, (tenant) => retire(tenant, ids));
    return { retiresAt: retiresAt?.toISOString() ?? null };
  };
