import { uuidOf } from '../../server/ids.ts';
import { withTenant } from '../../db/tenancy.ts';
import { bestEffort } from '../../services/bestEffort.ts';
import { settleWakes } from '../../services/outbox/wakes.ts';
import type { PromisedWake } from '../../services/outbox/wakes.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import { wakeEndpoint } from '../../services/webhooks/lifecycle.ts';
import { replayNextBatch } from '../../services/webhooks/replays/batch.ts';
import { notifyWakes } from '../../services/webhooks/notifyWakes.ts';
import type { Args, ReplayProgress } from '../../workflows/webhookReplay/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';

/** Makes the next deliveries due and wakes their endpoint. Safe to repeat: the row knows how far it is and when the next batch may go. */
export const replayBatch =
  (deps: ActivityDeps) =>
  async (args: Args): Promise<ReplayProgress> => {
    const replayId = uuidOf('rpl', args.replayId);
    const actor = workflowActor(uuidOf('org', args.orgId), replayId);
    const batch = await runInTenant(deps, actor, (tenant) => replayNextBatch(tenant, replayId));
    if (batch === null) return { status: 'cancelled', replayed: 0, matching: 0, nextBatchAt: null };
    for (const each of batch.wakes) await bestEffort(deps.logger, 'the relay wakes the endpoint', wake(deps, each));
    const { status, replayed, matching, nextBatchAt } = batch.replay;
    return { status, replayed, matching, nextBatchAt: status === 'running' ? nextBatchAt.toISOString() : null };
  };

async function wake(deps: ActivityDeps, { orgId, endpointId, outboxIds }: PromisedWake): Promise<void> {
  await notifyWakes(deps.knex, endpointId);
  await wakeEndpoint(deps.temporal, { orgId, endpointId });
  await withTenant(deps.knex, orgId, (trx) => settleWakes(trx, orgId, outboxIds));
}
