import {
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { changedSignal, progressQuery } from './contract.ts';
import type { Args, ReplayProgress } from './contract.ts';

const { replayBatch } = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  // Retried for ever: the row keeps the position, and a replay that was accepted must come to its end.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** One batch after the other until nothing is left; while the replay is paused it waits to be told of a change. */
export async function webhookReplay(args: Args): Promise<void> {
  let changed = false;
  let progress: ReplayProgress = { status: 'running', replayed: 0, matching: 0, nextBatchAt: null };
  setHandler(changedSignal, () => {
    changed = true;
  });
  setHandler(progressQuery, () => progress);

  while (!workflowInfo().continueAsNewSuggested) {
    changed = false;
    progress = await replayBatch(args);
    const summary = `${progress.status}: ${progress.replayed} of ${progress.matching}`;
    setCurrentDetails(summary);
    if (progress.nextBatchAt !== null) await condition(() => changed, untilMs(progress.nextBatchAt), { summary });
    else if (progress.status === 'paused') await condition(() => changed);
    else if (!changed) return;
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof webhookReplay>(args);
}

/** At least 1 ms: the worker's clock may be behind the workflow's. `Date.now()` is the workflow's own, deterministic clock. */
function untilMs(time: string): number {
  return Math.max(1, Date.parse(time) - Date.now());
}
