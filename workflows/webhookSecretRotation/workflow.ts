import { proxyActivities, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { Args } from './contract.ts';

const { retireSecret } = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  // Retried for ever: a secret that was replaced must not stay because Postgres was away.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Asks when the overlap ends, sleeps until then, and has the secret erased. Ends early when the endpoint was deleted. */
export async function webhookSecretRotation(args: Args): Promise<void> {
  for (;;) {
    const { retiresAt } = await retireSecret(args);
    if (retiresAt === null) return;
    const summary = `The old secret signs until ${retiresAt}`;
    setCurrentDetails(summary);
    await sleep(untilMs(retiresAt), { summary });
  }
}

/** At least 1 ms: the worker's clock may be behind the workflow's. `Date.now()` is the workflow's own, deterministic clock. */
function untilMs(retiresAt: string): number {
  return Math.max(1, Date.parse(retiresAt) - Date.now());
}
