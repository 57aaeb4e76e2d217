import { Context } from '@temporalio/activity';
import { uuidOf } from '../../server/ids.ts';
import { eraseNextBatch } from '../../services/events/erasures/batch.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { Args, ErasureProgress } from '../../workflows/payloadErasure/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';

/** One activity for many batches, so that a history stays short. */
const LIFE_MS = 60_000;

/** Erases batch after batch, a transaction each, for about a minute. Safe to repeat: the row knows how far it is. */
export const erasePayloads =
  (deps: ActivityDeps) =>
  async (args: Args): Promise<ErasureProgress> => {
    const context = Context.current();
    const erasureId = uuidOf('ers', args.erasureId);
    const actor = workflowActor(uuidOf('org', args.orgId), erasureId);
    const endsAt = Date.now() + LIFE_MS;
    for (;;) {
      context.heartbeat();
      const erasure = await runInTenant(deps, actor, (tenant) => eraseNextBatch(tenant, erasureId));
      if (erasure === null) return { examined: 0, erased: 0, finished: true };
      const { examined, erased, finishedAt } = erasure;
      const finished = finishedAt !== null;
      if (finished || deps.stopping.aborted || Date.now() > endsAt) return { examined, erased, finished };
    }
  };
