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
import type { Args, EndpointDeliveryStatus } from './contract.ts';

const { deliverDue } = proxyActivities<Activities>({
  // One run claims for at most a minute and then waits for its requests, of which the slowest may take 300 s.
  startToCloseTimeout: '10 minutes',
  // A heartbeat is a transaction of Temporal's, and there is an activity for each endpoint with work: so seldom, and with a margin for a busy process.
  heartbeatTimeout: '10 seconds',
  // Retried for ever: the rows keep the promise, and an attempt at a customer's endpoint is never an activity failure.
  retry: { initialInterval: '1 second', backoffCoefficient: 1.5, maximumInterval: '5 seconds' },
});

/** The promise behind one endpoint: it ends only when nothing is due and nothing is scheduled. */
export async function endpointDelivery(args: Args): Promise<void> {
  let woken = false;
  let status: EndpointDeliveryStatus = { nextDueAt: null, waitingFor: 'the first claim' };
  setHandler(wakeSignal, () => {
    woken = true;
  });
  setHandler(statusQuery, () => status);

  while (!workflowInfo().continueAsNewSuggested) {
    woken = false;
    status = await deliverDue({ v: 1, orgId: args.orgId, endpointId: args.endpointId });
    setCurrentDetails(status.waitingFor);
    if (status.nextDueAt !== null) await condition(() => woken, untilMs(status.nextDueAt), { summary: status.waitingFor });
    else if (!woken) return;
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof endpointDelivery>(args);
}

/** At least 1 ms: a timer of 0 would be no timer. `Date.now()` is the workflow's own, deterministic clock. */
function untilMs(nextDueAt: string): number {
  return Math.max(1, Date.parse(nextDueAt) - Date.now());
}
