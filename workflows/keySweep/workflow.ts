import { ApplicationFailure, continueAsNew, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { Args } from './contract.ts';

const { sweepKeys } = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  // Retried until the next hour's run would begin anyway: what was done is not done again.
  scheduleToCloseTimeout: '50 minutes',
  retry: { initialInterval: '5 seconds', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

/** Some keys at a time until all were looked at. One that fails keeps no other: the run ends as failed, and the next one tries it again. */
export async function keySweep(args: Args): Promise<void> {
  let { after, failed = 0 } = args;
  for (;;) {
    const slice = await sweepKeys({ v: 1, after });
    setCurrentDetails(`at last: ${slice.announced} announced, ${slice.rotated} rotated`);
    failed += slice.failed;
    after = slice.after;
    if (slice.complete) break;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof keySweep>({ v: 1, after, failed });
  }
  if (failed === 0) return;
  throw ApplicationFailure.nonRetryable(
    `Keys that failed: ${failed}. The worker's log names them; the next run tries them again.`,
    'keys_failed',
  );
}
