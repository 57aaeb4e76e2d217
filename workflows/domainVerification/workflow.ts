import { continueAsNew, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { Args } from './contract.ts';

const { recheckDomain } = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  // For our own faults only: what DNS says is a result.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Ends when the domain was removed, or its record has been gone for days. */
export async function domainVerification(args: Args): Promise<void> {
  while (!workflowInfo().continueAsNewSuggested) {
    const { nextCheckAt } = await recheckDomain(args);
    if (nextCheckAt === null) return;
    const summary = `Looks for the record again at ${nextCheckAt}`;
    setCurrentDetails(summary);
    await sleep(untilMs(nextCheckAt), { summary });
  }
  await continueAsNew<typeof domainVerification>(args);
}

/** At least 1 ms: the worker's clock may be behind the workflow's. `Date.now()` is the workflow's own, deterministic clock. */
function untilMs(nextCheckAt: string): number {
  return Math.max(1, Date.parse(nextCheckAt) - Date.now());
}
