import type { Worker } from '@temporalio/worker';
import { assertLeastPrivilege } from '../db/leastPrivilege.ts';
import { loadConfigOrExit } from '../server/config.ts';
import { bestEffort } from '../services/bestEffort.ts';
import { startOutboxRelay } from '../services/outbox/lifecycle.ts';
import { connectTemporal } from './connectTemporal.ts';
import { createWorkers } from './createWorkers.ts';
import { closeActivityDeps, createActivityDeps } from './deps.ts';
import type { ActivityDeps } from './deps.ts';
import { startOpsServer } from './opsServer.ts';
import { installRuntime } from './runtime.ts';
import { stopWith } from './stopWith.ts';

const stopping = new AbortController();
const deps = createActivityDeps(loadConfigOrExit(), stopping.signal);
installRuntime(deps.logger);
let ready = false;
let workers: Worker[] = [];

stopWith(deps, () => {
  ready = false;
  stopping.abort();
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
});

await main(deps);

async function main({ config, logger, knex, systemKnex }: ActivityDeps): Promise<void> {
  const ops = await startOpsServer(deps, () => ready);
  const connection = await connectTemporal(config.TEMPORAL_ADDRESS ?? '', logger, stopping.signal);
  if (connection !== null) {
    await Promise.all([assertLeastPrivilege(knex), assertLeastPrivilege(systemKnex, { bypassRls: true })]);
    workers = await createWorkers(deps, connection);
    await bestEffort(logger, 'another worker or the next start begins the relay', startOutboxRelay(deps.temporal));
    ready = true;
    logger.info({ port: ops.port, taskQueues: workers.map((worker) => worker.options.taskQueue) }, 'worker ready');
    if (!stopping.signal.aborted) await Promise.all(workers.map((worker) => worker.run()));
    await connection.close();
  }
  ops.server.close();
  await closeActivityDeps(deps);
  logger.info('worker stopped');
}
