import { keepSigningKeySchedule } from '../../services/auth/lifecycle.ts';
import type { ActivityDeps } from '../deps.ts';
import { keepStarted } from '../keepStarted.ts';

const EVERY_MS = 10 * 60_000;

/** Sees to it that the rotation of signing keys is scheduled, now and for as long as the process runs: Temporal may have lost its store. */
export const keepSigningKeys = (deps: Pick<ActivityDeps, 'temporal' | 'logger' | 'stopping'>, everyMs = EVERY_MS): Promise<void> =>
  keepStarted(deps, 'the schedule of signing keys', () => keepSigningKeySchedule(deps.temporal), everyMs);
