import { continueAsNew, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { Args } from './contract.ts';

const { rollUpStats } = proxyActivities<Activities>({
  // A pass over minutes that nobody counted for days takes its time; it ends where the process stops, and the next goes on from there.
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/** Never ends: one pass after each minute. */
export async function webhookStats(args: Args): Promise<void> {
  while (!workflowInfo().continueAsNewSuggested) {
    const { countedUntil, nextAt } = await rollUpStats(args);
    const summary = `Attempts are counted up to ${countedUntil}`;
    setCurrentDetails(summary);
    await sleep(untilMs(nextAt), { summary });
  }
  await continueAsNew<typeof webhookStats>(args);
}

/** At least 1 ms: the worker's clock may be behind the workflow's. `Date.now()` is the workflow's own, deterministic clock. */
function untilMs(time: string): number {
  return Math.max(1, Date.parse(time) - Date.now());
}
