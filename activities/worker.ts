import type { NativeConnection, Worker } from '@temporalio/worker';
import { examineLogin } from '../db/examineLogin.ts';
import { loadConfigOrExit } from '../server/config.ts';
import { onStop } from '../server/onStop.ts';
import { keepKeySweep } from './apiKeys/keepKeySweep.ts';
import { keepSigningKeys } from './auth/keepSigningKeys.ts';
import { connectTemporal } from './connectTemporal.ts';
import { createWorkers } from './createWorkers.ts';
import { closeActivityDeps, createActivityDeps } from './deps.ts';
import type { ActivityDeps } from './deps.ts';
import { startOpsServer } from './opsServer.ts';
import { keepRelay } from './outbox/keepRelay.ts';
import { keepSchedule } from './retention/keepSchedule.ts';
import { installRuntime } from './runtime.ts';
import { runWorkers } from './runWorkers.ts';
import { keepStats } from './webhooks/keepStats.ts';

/** Requests still running this long before the deadline are cut off and recorded as `interrupted`. */
const INTERRUPT_BEFORE_MS = 2_000;
/** For the SDK to force what goes on (five seconds, see createWorkers.ts), then the pools and the connections. */
const CLOSE_MS = 10_000;

const stopping = new AbortController();
const deps = createActivityDeps(loadConfigOrExit(), stopping.signal);
installRuntime(deps.logger);
let ready = false;
let workers: Worker[] = [];

const shutdownMs = deps.config.WORKER_SHUTDOWN_SECONDS * 1_000;

// Nothing new is claimed, and requests in flight finish.
onStop(deps.logger, shutdownMs + CLOSE_MS, async () => {
  ready = false;
  stopping.abort();
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  setTimeout(() => deps.poster.interrupt(), Math.max(0, shutdownMs - INTERRUPT_BEFORE_MS)).unref();
  await working;
});

const working = main(deps);
await working;

async function main({ config, logger, knex, systemKnex }: ActivityDeps): Promise<void> {
  const ops = await startOpsServer(deps, () => ready);
  const connection = await connectTemporal(config.TEMPORAL_ADDRESS ?? '', logger, stopping.signal);
  if (connection !== null) {
    const examination = { logger, stop: stopping.signal };
    await Promise.all([examineLogin(knex, examination), examineLogin(systemKnex, { ...examination, bypassRls: true })]);
    if (stopping.signal.aborted) await connection.close();
    else await work(connection, ops.port);
  }
  ops.server.close();
  await closeActivityDeps(deps);
}

/** Until it is told to stop. */
async function work(connection: NativeConnection, port: number): Promise<void> {
  workers = await createWorkers(deps, connection);
  await keepRelay(deps);
  await keepStats(deps);
  await keepSchedule(deps);
  await keepKeySweep(deps);
  await keepSigningKeys(deps);
  const running = runWorkers(workers, connection, { stop: stopping.signal, logger: deps.logger });
  ready = !stopping.signal.aborted;
  if (ready) deps.logger.info({ port, taskQueues: workers.map((worker) => worker.options.taskQueue) }, 'worker ready');
  // Asked to stop while it started: a worker that never ran would hold the connection.
  else for (const worker of workers) worker.shutdown();
  await running;
}
