import { continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { progressQuery } from './contract.ts';
import type { Args, ErasureProgress } from './contract.ts';

const { erasePayloads } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '30 seconds',
  // Retried for ever: an erasure that was accepted must come to its end, and the row knows how far it is.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** One run of batches after the other until every event was looked at. */
export async function payloadErasure(args: Args): Promise<void> {
  let progress: ErasureProgress = { examined: 0, erased: 0, finished: false };
  setHandler(progressQuery, () => progress);
  while (!workflowInfo().continueAsNewSuggested) {
    progress = await erasePayloads(args);
    setCurrentDetails(`${progress.erased} payloads of ${progress.examined} events erased`);
    if (progress.finished) return;
  }
  await continueAsNew<typeof payloadErasure>(args);
}
