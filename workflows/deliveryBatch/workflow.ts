import {
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { statusQuery, wakeSignal } from './contract.ts';
import type { Args, DeliveryBatchStatus } from './contract.ts';

const { deliverExpress } = proxyActivities<Activities>({
  // One run lasts a minute, and longer only while an endpoint that became slow has a request of up to 300 s on its way.
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '5 seconds',
  // Retried for ever: the rows keep the promise, and an attempt at a customer's endpoint is never an activity failure.
  retry: { initialInterval: '1 second', backoffCoefficient: 1.5, maximumInterval: '5 seconds' },
});

/** The promise behind one shard of the express lane: it ends only when nothing of it is due or claimed. */
export async function deliveryBatch(args: Args): Promise<void> {
  let woken = false;
  let status: DeliveryBatchStatus = { nextDueAt: null, waitingFor: 'the first claim' };
  setHandler(wakeSignal, () => {
    woken = true;
  });
  setHandler(statusQuery, () => status);

  while (!workflowInfo().continueAsNewSuggested) {
    woken = false;
    status = await deliverExpress({ v: 1, shard: args.shard });
    setCurrentDetails(status.waitingFor);
    if (status.nextDueAt !== null) await condition(() => woken, untilMs(status.nextDueAt), { summary: status.waitingFor });
    else if (!woken) return;
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof deliveryBatch>(args);
}

/** At least 1 ms: a timer of 0 would be no timer. `Date.now()` is the workflow's own, deterministic clock. */
function untilMs(nextDueAt: string): number {
  return Math.max(1, Date.parse(nextDueAt) - Date.now());
}
