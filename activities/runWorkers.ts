import { GracefulShutdownPeriodExpiredError, IllegalStateError } from '@temporalio/worker';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from '../server/logger.ts';
import { bestEffort } from '../services/bestEffort.ts';

/**
 * Runs the workers until they are shut down, then closes their connection. Throws when one fails by itself, or when its stop was
 * forced (`shutdownForceTime`) while an activity still ran.
 */
export async function runWorkers(
  workers: Worker[],
  connection: NativeConnection,
  { stop, logger }: { stop: AbortSignal; logger: Logger },
): Promise<void> {
  await Promise.all(workers.map((worker) => run(worker, stop, logger)));
  await bestEffort(logger, 'the process ends, and its connections with it', connection.close());
}

/**
 * A forced stop shows as IllegalStateError ("Worker still in use: expected 1 reference"): the SDK throws it while it cleans up, in place
 * of GracefulShutdownPeriodExpiredError, when a call to its native part is still under way (core-bridge worker_finalize_shutdown).
 * With Temporal away that call is the report of an activity that is over: its work is on record, and the stop was orderly.
 */
async function run(worker: Worker, stop: AbortSignal, logger: Logger): Promise<void> {
  try {
    await worker.run();
  } catch (error) {
    const forced = error instanceof IllegalStateError || error instanceof GracefulShutdownPeriodExpiredError;
    if (!stop.aborted || !forced || worker.getStatus().numInFlightActivities > 0) throw error;
    logger.warn({ err: error }, 'stopped without having told Temporal of everything that was done');
  }
}
