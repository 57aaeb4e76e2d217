import { Context } from '@temporalio/activity';
import { passOverAttempts } from '../../services/webhooks/stats/pass.ts';
import type { Args } from '../../workflows/webhookStats/contract.ts';
import type { ActivityDeps } from '../deps.ts';

const MINUTE_MS = 60_000;
/** After the minute is over, so that what its last attempts wrote is there already; what is not is counted by the next pass. */
const AFTER_MINUTE_MS = 2_000;

/** RFC 3339. */
export interface RollUpStatsResult {
  countedUntil: string;
  /** When the next pass is worth its while. */
  nextAt: string;
}

/** One pass over the attempts of all organizations. Safe to repeat: Postgres knows up to where they are counted. */
export const rollUpStats =
  (deps: ActivityDeps) =>
  async (_args: Args): Promise<RollUpStatsResult> => {
    const context = Context.current();
    const countedUntil = await passOverAttempts(deps.systemKnex, {
      onStep: () => context.heartbeat(),
      stop: AbortSignal.any([deps.stopping, context.cancellationSignal]),
    });
    const nextAt = new Date((Math.floor(Date.now() / MINUTE_MS) + 1) * MINUTE_MS + AFTER_MINUTE_MS);
    return { countedUntil: countedUntil.toISOString(), nextAt: nextAt.toISOString() };
  };
