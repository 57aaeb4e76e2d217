import { bestEffort } from '../../services/bestEffort.ts';
import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
import type { ActivityDeps } from '../deps.ts';

const EVERY_MS = 30_000;

/**
 * Sees to it that the relay runs, now and for as long as the process does: who lost Temporal's store or terminated the relay by hand
 * needs to restart no worker.
 */
export async function keepRelay({ temporal, logger, stopping }: ActivityDeps, everyMs = EVERY_MS): Promise<void> {
  const start = () => bestEffort(logger, 'the relay is started again soon', startOutboxRelay(temporal));
  const timer = setInterval(() => void start(), everyMs).unref();
  stopping.addEventListener('abort', () => clearInterval(timer), { once: true });
  await start();
}
