import { uuidOf } from '../../server/ids.ts';
import { tendRotation } from '../../services/apiKeys/rotation/tend.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { Args, RotationStatus, Wish } from '../../workflows/keyRotation/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';

/** One look at a rotation: retires the old key when it is time, else says when that is. Safe to repeat. */
export const tendKeyRotation =
  (deps: ActivityDeps) =>
  async ({ orgId, keyId, wish }: Args & { wish: Wish | null }): Promise<RotationStatus> => {
    const oldKeyId = uuidOf('key', keyId);
    const actor = workflowActor(uuidOf('org', orgId), oldKeyId);
    const rotation = await runInTenant(deps, actor, (tenant) => tendRotation(tenant, oldKeyId, wish));
    if (rotation === null) return { state: 'unknown', endsAt: null };
    return { state: rotation.state, endsAt: rotation.state === 'overlapping' ? rotation.endsAt.toISOString() : null };
  };
