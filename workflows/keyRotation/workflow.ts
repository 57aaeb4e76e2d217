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
import { abortSignal, changedSignal, extendSignal, finishSignal, statusQuery } from './contract.ts';
import type { Args, RotationStatus, Wish } from './contract.ts';

const { tendKeyRotation } = proxyActivities<Activities>({
  // Above what a statement may take: a look that a killed worker began is begun again after this.
  startToCloseTimeout: '15 seconds',
  // Retried for ever: a rotation that began must come to its end, and every step can be repeated.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/**
 * Looks at the rotation, waits for its end or for a change, and looks again, until it is over. Nothing is asked for in between: who writes
 * that the new key was used tells it, so a month of waiting is two timers and a handful of events.
 */
export async function keyRotation(args: Args): Promise<void> {
  const wishes: Wish[] = [];
  let changed = false;
  let status: RotationStatus = { state: 'unknown', endsAt: null };
  const wants = (wish: Wish): void => {
    wishes.push(wish);
    changed = true;
  };
  setHandler(changedSignal, () => {
    changed = true;
  });
  setHandler(extendSignal, ({ until }) => wants({ kind: 'extend', until }));
  setHandler(finishSignal, () => wants({ kind: 'finish' }));
  setHandler(abortSignal, () => wants({ kind: 'abort' }));
  setHandler(statusQuery, () => status);

  while (!workflowInfo().continueAsNewSuggested || wishes.length > 0) {
    changed = wishes.length > 1;
    status = await tendKeyRotation({ ...args, wish: wishes.shift() ?? null });
    if (status.endsAt === null && !changed) return;
    if (status.endsAt === null) continue;
    const summary = `Both keys work; the old one until ${status.endsAt}`;
    setCurrentDetails(summary);
    await condition(() => changed, untilMs(status.endsAt), { summary });
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof keyRotation>(args);
}

/** At least 1 ms: the worker's clock may be behind the workflow's. `Date.now()` is the workflow's own, deterministic clock. */
function untilMs(time: string): number {
  return Math.max(1, Date.parse(time) - Date.now());
}
