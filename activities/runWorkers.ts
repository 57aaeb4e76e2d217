import { IllegalStateError } from '@temporalio/worker';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from '../server/logger.ts';
import { bestEffort } from '../services/bestEffort.ts';

/**
 * Runs the workers until they are shut down, then closes their connection. Throws when one fails by itself.
 * When it stops, the SDK may refuse to let go of a worker whose last heartbeat is still on its way ("Worker still in use"):
 * every task is done by then, so that is no failure of the stop.
 */
export async function runWorkers(
  workers: Worker[],
  connection: NativeConnection,
  { stop, logger }: { stop: AbortSignal; logger: Logger },
): Promise<void> {
  await Promise.all(workers.map((worker) => run(worker, stop, logger)));
  await bestEffort(logger, 'the process ends, and its connections with it', connection.close());
}

async function run(worker: Worker, stop: AbortSignal, logger: Logger): Promise<void> {
  try {
    await worker.run();
  } catch (error) {
    if (!stop.aborted || !(error instanceof IllegalStateError)) throw error;
    logger.warn({ err: error }, 'a worker was let go late');
  }
}
