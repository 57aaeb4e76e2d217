import { condition, continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { changedSignal } from './contract.ts';
import type { Args } from './contract.ts';

// Retried for ever: an erasure that was promised must come to its end, and every step can be repeated.
const retry = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 minutes' };

const { tendDeletion } = proxyActivities<Activities>({ startToCloseTimeout: '30 seconds', retry });
const { eraseOrganization } = proxyActivities<Activities>({ startToCloseTimeout: '10 minutes', heartbeatTimeout: '30 seconds', retry });

/** Looks at the row, does what is due, and sleeps until the next step or until the row changes. Ends when it was restored, or everything is erased. */
export async function organizationDeletion(args: Args): Promise<void> {
  let changed = false;
  setHandler(changedSignal, () => void (changed = true));
  while (!workflowInfo().continueAsNewSuggested) {
    changed = false;
    const { state, nextAt } = await tendDeletion(args);
    if (state === 'over') return;
    const next = state === 'erasing' ? (await eraseOrganization(args)).nextAt : nextAt;
    if (next === null) continue;
    setCurrentDetails(state === 'erasing' ? `Looks once more at ${next}` : `Can be restored; the next step is at ${next}`);
    await condition(() => changed, untilMs(next));
  }
  await continueAsNew<typeof organizationDeletion>(args);
}

/** At least 1 ms: the worker's clock may be behind the workflow's. `Date.now()` is the workflow's own, deterministic clock. */
function untilMs(at: string): number {
  return Math.max(1, Date.parse(at) - Date.now());
}
