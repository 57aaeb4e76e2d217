import { Context } from '@temporalio/activity';
import { uuidOf } from '../../server/ids.ts';
import type { KeyRotation } from '../../services/encryptionKeys/rotation.ts';
import { stepRotation } from '../../services/encryptionKeys/step.ts';
import type { Args, RotationProgress } from '../../workflows/encryptionKeyRotation/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';

/** One activity for many steps, so that a history stays short. */
const LIFE_MS = 60_000;
/** Shorter waits are not worth a timer of the workflow. */
const NOTHING: RotationProgress = { examined: 0, resealed: 0, pass: 1, column: null, outcome: 'done', waitMs: 0 };

/** Takes step after step, a transaction each, for about a minute or until a step must wait. Safe to repeat: the row knows how far it is. */
export const rotateEncryptionKeys =
  (deps: ActivityDeps) =>
  async (args: Args): Promise<RotationProgress> => {
    const context = Context.current();
    const id = uuidOf('ekr', args.rotationId);
    const endsAt = Date.now() + LIFE_MS;
    const propagationMs = deps.config.DATA_KEY_CACHE_SECONDS * 2_000;
    const step = { ...deps, propagationMs, actorIn: (orgId: string) => workflowActor(orgId, id) };
    let resealed: number | null = null;
    for (;;) {
      context.heartbeat();
      const rotation = await deps.systemKnex.transaction((trx) => stepRotation(trx, step, id));
      if (rotation === null) return NOTHING;
      if (resealed !== null) deps.metrics.valuesResealed.inc(rotation.resealed - resealed);
      resealed = rotation.resealed;
      if (rotation.outcome !== null || rotation.waitMs > 0 || deps.stopping.aborted || Date.now() > endsAt) return progressOf(rotation);
    }
  };

const progressOf = ({ examined, resealed, pass, position, outcome, waitMs }: KeyRotation): RotationProgress => ({
  examined,
  resealed,
  pass,
  column: position?.column ?? null,
  outcome,
  waitMs,
});
