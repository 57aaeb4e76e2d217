import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { Args } from './contract.ts';

const { relayOutbox } = proxyActivities<Activities>({
  // The activity loops and heartbeats by itself, so that a minute of relaying costs no history.
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/** Never ends. Moves to another worker within the heartbeat timeout when its own is killed. */
export async function outboxRelay(args: Args): Promise<void> {
  while (!workflowInfo().continueAsNewSuggested) await relayOutbox({ v: 1 });
  await continueAsNew<typeof outboxRelay>(args);
}
