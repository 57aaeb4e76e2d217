import { Context } from '@temporalio/activity';
import { uuidOf } from '../../server/ids.ts';
import type { EndpointDeliveryStatus } from '../../workflows/endpointDelivery/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';
import { DeliveryLane } from './deliveryLane.ts';
import { DeliveryStore } from './deliveryStore.ts';
import { keepAlive } from './keepAlive.ts';

/** One run, then back to the workflow: often enough that a deploy finds few, seldom enough that history stays short. */
const LIFE_MS = 60_000;

/** How soon an endpoint asks again for which the organization has no place; up to twice as long. */
const NO_PLACE_MS = 1_500;

/** Ids are TypeIDs. */
export interface DeliverDueArgs {
  v: 1;
  orgId: string;
  endpointId: string;
}

/**
 * Delivers what is due to one endpoint and says when the next is due. At least once: each step can be repeated,
 * because a row belongs to this run only while it carries its claim id.
 */
export const deliverDue =
  (deps: ActivityDeps) =>
  async (args: DeliverDueArgs): Promise<EndpointDeliveryStatus> => {
    const context = Context.current();
    const endpointId = uuidOf('whk', args.endpointId);
    const orgId = uuidOf('org', args.orgId);
    if (!deps.fair.slots.allows(orgId)) return noPlace();
    deps.fair.slots.take(orgId);
    const store = new DeliveryStore(deps, workflowActor(orgId, endpointId), endpointId);
    const lane = new DeliveryLane({
      store,
      inTurn: (send) => deps.fair.turns.run(orgId, send),
      post: (request) => deps.poster.post(request),
      lifeMs: LIFE_MS,
      lingerMs: deps.config.WEBHOOK_LINGER_SECONDS * 1_000,
      stop: AbortSignal.any([deps.stopping, context.cancellationSignal]),
      observe: (result) => deps.metrics.observeAttempt(result, 'own'),
    });
    const listening = [deps.wakes.onWake(endpointId, () => lane.wake()), deps.wakes.onChange(endpointId, () => lane.changed())];
    try {
      const { nextDueAt, waitingFor } = await keepAlive(
        deps,
        () => store.renew(),
        () => lane.run(),
      );
      return { nextDueAt: nextDueAt?.toISOString() ?? null, waitingFor };
    } finally {
      for (const stop of listening) stop();
      deps.fair.slots.give(orgId);
    }
  };

/** The organization has all the places in this process that the others leave to it. Not all of its endpoints come back at the same time. */
function noPlace(): EndpointDeliveryStatus {
  const inMs = NO_PLACE_MS * (1 + Math.random());
  return {
    nextDueAt: new Date(Date.now() + inMs).toISOString(),
    waitingFor: 'a place: the organization has all of its share of the worker in use',
  };
}
