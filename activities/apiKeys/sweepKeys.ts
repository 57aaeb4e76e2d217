import { Context } from '@temporalio/activity';
import { typeId, uuidOf } from '../../server/ids.ts';
import { keepKeyRotation } from '../../services/apiKeys/rotation/keep.ts';
import { livingKeys, sweepKey } from '../../services/apiKeys/rotation/sweep.ts';
import type { KeySwept, LivingKey } from '../../services/apiKeys/rotation/sweep.ts';
import { bestEffort } from '../../services/bestEffort.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { Args } from '../../workflows/keySweep/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';

const KEYS = 500;
const LIFE_MS = 5 * 60_000;
const OUTCOMES = ['announced', 'rotated', 'failed'] as const;
const NOTHING: KeySwept = { announced: false, rotated: false, promises: [] };

export interface SweptKeys {
  /** The last key (TypeID) that was looked at. */
  after: string | null;
  /** There are no more. */
  complete: boolean;
  announced: number;
  rotated: number;
  failed: number;
}

/** Looks at the next keys, a transaction for each. One that fails is logged, counted and passed over. Throws when the database is away. */
export const sweepKeys =
  (deps: ActivityDeps) =>
  async ({ after }: Args): Promise<SweptKeys> => {
    const context = Context.current();
    const from = after === null ? null : uuidOf('key', after);
    const keys = await deps.systemKnex.transaction((trx) => livingKeys(trx, { now: deps.clock.now(), after: from, limit: KEYS }));
    const swept: SweptKeys = { after, complete: false, announced: 0, rotated: 0, failed: 0 };
    const endsAt = Date.now() + LIFE_MS;
    for (const key of keys) {
      if (deps.stopping.aborted || Date.now() > endsAt) return swept;
      context.heartbeat();
      const result = key.due ? await sweepOne(deps, key) : NOTHING;
      const done = {
        announced: Number(result?.announced ?? false),
        rotated: Number(result?.rotated ?? false),
        failed: Number(result === null),
      };
      for (const outcome of OUTCOMES) {
        swept[outcome] += done[outcome];
        deps.metrics.keysSwept.inc({ outcome }, done[outcome]);
      }
      swept.after = typeId('key', key.keyId);
    }
    const complete = keys.length < KEYS;
    deps.metrics.keySweeps.inc(Number(complete));
    return { ...swept, complete };
  };

/** Null when it failed. */
async function sweepOne(deps: ActivityDeps, { orgId, keyId }: LivingKey): Promise<KeySwept | null> {
  try {
    const actor = workflowActor(orgId, keyId);
    const swept = await runInTenant(deps, actor, (tenant) => sweepKey(tenant, deps.config.API_KEY_PEPPER, keyId));
    for (const promise of swept.promises)
      await bestEffort(deps.logger, 'the relay starts what is left to start', keepKeyRotation(deps, promise));
    return swept;
  } catch (error) {
    await deps.systemKnex.raw('SELECT 1');
    deps.logger.error({ err: error, key_id: typeId('key', keyId) }, 'a key could not be looked at, the next run tries again');
    return null;
  }
}
