import { proxyActivities, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { Args } from './contract.ts';

const { sendMail } = proxyActivities<Activities>({
  startToCloseTimeout: '90 seconds',
  // A killed worker is noticed by its silence.
  heartbeatTimeout: '5 seconds',
  // For our own faults only, such as Postgres being away: what the mail server says is a result.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Tries until the mail is sent or given up. When to try again is decided, and kept, by the activity. */
export async function mailDelivery(args: Args): Promise<void> {
  for (;;) {
    const { retryAt } = await sendMail(args);
    if (retryAt === null) return;
    const summary = `The mail server did not take it; next try at ${retryAt}`;
    setCurrentDetails(summary);
    await sleep(untilMs(retryAt), { summary });
  }
}

/** At least 1 ms: the worker's clock may be behind the workflow's. `Date.now()` is the workflow's own, deterministic clock. */
function untilMs(retryAt: string): number {
  return Math.max(1, Date.parse(retryAt) - Date.now());
}
