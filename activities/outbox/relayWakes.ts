import { Context } from '@temporalio/activity';
import { withTenant } from '../../db/tenancy.ts';
import { settleWakes } from '../../services/outbox/wakes.ts';
import type { PromisedWake } from '../../services/outbox/wakes.ts';
import { keepWake } from '../../services/webhooks/express/keepWake.ts';
import { shardOf } from '../../services/webhooks/express/lane.ts';
import { wakeExpress } from '../../services/webhooks/lifecycle.ts';
import { notifyWakes } from '../../services/webhooks/notifyWakes.ts';
import { wakeEntry } from '../../services/webhooks/waker.ts';
import type { ActivityDeps } from '../deps.ts';

/** Keeps promises of wake-ups: one signal for each endpoint of its own workflow, and one for all those that share a workflow of the express lane. */
export async function relayWakes(deps: ActivityDeps, wakes: PromisedWake[]): Promise<void> {
  const express = Map.groupBy(
    wakes.filter((wake) => wake.express),
    ({ endpointId }) => shardOf(endpointId),
  );
  for (const [shard, shared] of express) await relayShard(deps, shard, shared);
  for (const wake of wakes.filter((one) => !one.express)) {
    Context.current().heartbeat();
    await keepWake(deps, wake);
  }
  deps.metrics.outboxForgotten.inc(wakes.reduce((sum, { outboxIds }) => sum + outboxIds.length, 0));
}

async function relayShard(deps: ActivityDeps, shard: number, wakes: PromisedWake[]): Promise<void> {
  Context.current().heartbeat();
  await wakeExpress(deps.temporal, shard);
  for (const [orgId, own] of Map.groupBy(wakes, (wake) => wake.orgId)) {
    const outboxIds = own.flatMap((wake) => wake.outboxIds);
    if (outboxIds.length > 0) await withTenant(deps.knex, orgId, (trx) => settleWakes(trx, orgId, outboxIds));
    for (const wake of own) await notifyWakes(deps.knex, wakeEntry(wake));
  }
}
