import { bestEffort } from '../services/bestEffort.ts';
import type { ActivityDeps } from './deps.ts';

const EVERY_MS = 30_000;

/**
 * Sees to it that a workflow of the whole installation runs, now and for as long as the process does: who lost Temporal's store or
 * terminated the workflow by hand needs to restart no worker. `start` does nothing when it runs.
 */
export async function keepStarted(
  { logger, stopping }: Pick<ActivityDeps, 'logger' | 'stopping'>,
  name: string,
  start: () => Promise<void>,
  everyMs = EVERY_MS,
): Promise<void> {
  const attempt = () => bestEffort(logger, `${name} is started again soon`, start());
  const timer = setInterval(() => void attempt(), everyMs).unref();
  stopping.addEventListener('abort', () => clearInterval(timer), { once: true });
  await attempt();
}
