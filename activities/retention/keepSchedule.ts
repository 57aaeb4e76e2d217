import { bestEffort } from '../../services/bestEffort.ts';
import { keepRetentionSchedule } from '../../services/retention/lifecycle.ts';
import type { ActivityDeps } from '../deps.ts';

const EVERY_MS = 10 * 60_000;

/** Sees to it that retention is scheduled, now and for as long as the process runs: Temporal may have lost its store. */
export async function keepSchedule({ temporal, logger, stopping }: ActivityDeps, everyMs = EVERY_MS): Promise<void> {
  const keep = () => bestEffort(logger, 'the schedule of retention is made again soon', keepRetentionSchedule(temporal));
  const timer = setInterval(() => void keep(), everyMs).unref();
  stopping.addEventListener('abort', () => clearInterval(timer), { once: true });
  await keep();
}
