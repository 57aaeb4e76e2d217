import { Context } from '@temporalio/activity';
import type { DeliveryBatchStatus } from '../../../workflows/deliveryBatch/contract.ts';
import { workflowActor } from '../../actor.ts';
import type { ActivityDeps } from '../../deps.ts';
import { keepAlive } from '../keepAlive.ts';
import { ExpressLane } from './expressLane.ts';
import { ExpressStore } from './expressStore.ts';

/** One run, then back to the workflow. */
const LIFE_MS = 60_000;

export interface DeliverExpressArgs {
  v: 1;
  shard: number;
}

/**
 * Delivers what is due to the endpoints of one shard of the express lane and says when the next is due. At least once: each step can be
 * repeated, because a row belongs to this run only while it carries its claim id.
 */
export const deliverExpress =
  (deps: ActivityDeps) =>
  async ({ shard }: DeliverExpressArgs): Promise<DeliveryBatchStatus> => {
    const context = Context.current();
    const lane = new ExpressLane({
      shard,
      // The workflow is everybody's: in an organization's audit log it acts for the endpoint.
      store: new ExpressStore(deps, ({ orgId, endpointId }) => workflowActor(orgId, endpointId)),
      inTurn: (orgId, send) => deps.fair.turns.run(orgId, send),
      post: (request, running) => deps.poster.post(request, running),
      lifeMs: LIFE_MS,
      lingerMs: deps.config.WEBHOOK_LINGER_SECONDS * 1_000,
      stop: AbortSignal.any([deps.stopping, context.cancellationSignal]),
      observe: (result) => deps.metrics.observeAttempt(result, 'express'),
    });
    const listening = [
      deps.wakes.onExpress(shard, (endpoint) => lane.wake(endpoint)),
      deps.wakes.onExpressChange(shard, (endpointId) => lane.changed(endpointId)),
    ];
    try {
      const { nextDueAt, waitingFor } = await keepAlive(
        deps,
        () => lane.renew(),
        () => lane.run(),
      );
      return { nextDueAt: nextDueAt?.toISOString() ?? null, waitingFor };
    } finally {
      for (const stop of listening) stop();
    }
  };
