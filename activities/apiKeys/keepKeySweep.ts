import { keepKeySweepSchedule } from '../../services/apiKeys/lifecycle.ts';
import type { ActivityDeps } from '../deps.ts';
import { keepStarted } from '../keepStarted.ts';

const EVERY_MS = 10 * 60_000;

/** Sees to it that keys are looked through every hour, now and for as long as the process runs: Temporal may have lost its store. */
export const keepKeySweep = (deps: Pick<ActivityDeps, 'temporal' | 'logger' | 'stopping'>, everyMs = EVERY_MS): Promise<void> =>
  keepStarted(deps, 'the schedule of the sweep of keys', () => keepKeySweepSchedule(deps.temporal), everyMs);
