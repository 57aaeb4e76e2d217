import type { Worker } from '@temporalio/worker';
import { examineLogin } from '../db/examineLogin.ts';
import { loadConfigOrExit } from '../server/config.ts';
import { connectTemporal } from './connectTemporal.ts';
import { createWorkers } from './createWorkers.ts';
import { closeActivityDeps, createActivityDeps } from './deps.ts';
import type { ActivityDeps } from './deps.ts';
import { startOpsServer } from './opsServer.ts';
import { keepRelay } from './outbox/keepRelay.ts';
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
    const examination = { logger, stop: stopping.signal };
    await Promise.all([examineLogin(knex, examination), examineLogin(systemKnex, { ...examination, bypassRls: true })]);
    workers = await createWorkers(deps, connection);
    await keepRelay(deps);
    ready = true;
    logger.info({ port: ops.port, taskQueues: workers.map((worker) => worker.options.taskQueue) }, 'worker ready');
    if (!stopping.signal.aborted) await Promise.all(workers.map((worker) => worker.run()));
    await connection.close();
  }
  ops.server.close();
  await closeActivityDeps(deps);
  logger.info('worker stopped');
}
