import { proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { Args } from './contract.ts';

// Retried until it works: nothing depends on when, and tokens are signed by the old key meanwhile.
const { publishSigningKey, removeSigningKeys } = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

/** Publishes a key, lets it take over when everybody can know it, and removes the earlier ones when their tokens are over. */
export async function signingKeyRotation(args: Args): Promise<void> {
  const since = workflowInfo().startTime.toISOString();
  const { kid, activatesAt, retiresAt } = await publishSigningKey({ ...args, since });
  setCurrentDetails(`${kid} is published and signs from ${activatesAt}`);
  await sleep(untilMs(activatesAt), { summary: `${kid} begins to sign` });
  setCurrentDetails(`${kid} signs; earlier keys are trusted until ${retiresAt}`);
  await sleep(untilMs(retiresAt), { summary: 'Earlier keys are removed' });
  const { removed } = await removeSigningKeys({ v: 1 });
  setCurrentDetails(`${kid} signs; removed: ${removed.join(', ') || 'none'}`);
}

/** `Date.now()` is the workflow's own, deterministic clock; the worker's may be ahead of it. */
function untilMs(time: string): number {
  return Math.max(1, Date.parse(time) - Date.now());
}
