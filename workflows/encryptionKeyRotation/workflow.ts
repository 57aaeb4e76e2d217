import { continueAsNew, proxyActivities, setCurrentDetails, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { progressQuery } from './contract.ts';
import type { Args, RotationProgress } from './contract.ts';

const { rotateEncryptionKeys } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  // Retried for ever: the row knows how far it is, and a worker without the new key must only be restarted with it.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** One run of steps after the other; sleeps where every process must first have learned of the new key. */
export async function encryptionKeyRotation(args: Args): Promise<RotationProgress> {
  let progress: RotationProgress = { examined: 0, resealed: 0, pass: 1, column: null, outcome: null, waitMs: 0 };
  setHandler(progressQuery, () => progress);
  while (!workflowInfo().continueAsNewSuggested) {
    progress = await rotateEncryptionKeys(args);
    const { examined, resealed, pass, outcome, waitMs } = progress;
    setCurrentDetails(`${outcome ?? `pass ${pass}`}: ${resealed} values sealed again, ${examined} looked at`);
    if (outcome !== null) return progress;
    if (waitMs > 0) await sleep(waitMs, { summary: 'Until every process knows the keys' });
  }
  return continueAsNew<typeof encryptionKeyRotation>(args);
}
