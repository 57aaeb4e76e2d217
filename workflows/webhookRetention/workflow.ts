import { ApplicationFailure, continueAsNew, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { Args } from './contract.ts';

// Retried until the next day's run would begin anyway: every step can be repeated, and what is old goes on getting older.
const retry = { initialInterval: '5 seconds', backoffCoefficient: 2, maximumInterval: '10 minutes' };

const { keepPartitions } = proxyActivities<Activities>({ startToCloseTimeout: '2 hours', heartbeatTimeout: '10 seconds', retry });
const { expireHistory } = proxyActivities<Activities>({ startToCloseTimeout: '15 minutes', heartbeatTimeout: '30 seconds', retry });

/**
 * Whole months first, then what shorter plans lose row by row, some organizations at a time. One that fails does not keep the others: the run
 * ends as failed and says how many there were; the next day's tries them again.
 */
export async function webhookRetention(args: Args): Promise<void> {
  let { after, failed = 0 } = args;
  if (after === null) {
    const { made, dropped, kept } = await keepPartitions({ v: 1 });
    setCurrentDetails(`${made} partitions made, ${dropped.length} dropped, ${kept.length} kept`);
  }
  for (;;) {
    const { complete, removed, ...slice } = await expireHistory({ v: 1, after });
    setCurrentDetails(`removed at last: ${removed.events} events, ${removed.deliveries} deliveries, ${removed.attempts} attempts`);
    failed += slice.failed ?? 0;
    if (complete) break;
    after = slice.after;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof webhookRetention>({ v: 1, after, failed });
  }
  if (failed === 0) return;
  const message = `Organizations that failed: ${failed}. The worker's log names them; the next run tries them again.`;
  throw ApplicationFailure.nonRetryable(message, 'organizations_failed');
}
