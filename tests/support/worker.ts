import type { Worker } from '@temporalio/worker';
import { connectTemporal } from '../../activities/connectTemporal.ts';
import { createWorkers } from '../../activities/createWorkers.ts';
import { closeActivityDeps, createActivityDeps } from '../../activities/deps.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import { installRuntime } from '../../activities/runtime.ts';
import { runWorkers } from '../../activities/runWorkers.ts';
import { createLogger } from '../../server/logger.ts';
import type { TestDatabase } from './database.ts';
import { testConfig } from './testConfig.ts';

/** Below WORKER_SHUTDOWN_SECONDS of testConfig. */
const INTERRUPT_AFTER_MS = 3_000;
let installed = false;

/** The SDK's log goes nowhere. Once for the whole run, before any worker. */
export function quietRuntime(): void {
  if (!installed) installRuntime(createLogger('silent', 'test'));
  installed = true;
}

/** Runs the real workers inside the test process for the calling file; stops them in order after it. A function gives settings that earlier hooks make. */
export function useWorker(
  database: TestDatabase,
  overrides: Record<string, string> | (() => Record<string, string>) = {},
): { readonly deps: ActivityDeps } {
  const stopping = new AbortController();
  let deps: ActivityDeps | undefined;
  let workers: Worker[] = [];
  let running: Promise<unknown> = Promise.resolve();
  before('start the workers', async function () {
    this.timeout(30_000);
    quietRuntime();
    deps = createActivityDeps(testConfig(database, typeof overrides === 'function' ? overrides() : overrides), stopping.signal);
    const connection = await connectTemporal(deps.config.TEMPORAL_ADDRESS ?? '', deps.logger, stopping.signal);
    if (connection === null) throw new Error('stopped before Temporal answered');
    workers = await createWorkers(deps, connection);
    running = runWorkers(workers, connection, { stop: stopping.signal, logger: deps.logger });
  });
  after('stop the workers', async function () {
    this.timeout(30_000);
    stopping.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    // As the worker process does (activities/worker.ts): a test that failed may have left requests that nobody answers.
    const interrupting = setTimeout(() => deps?.poster.interrupt(), INTERRUPT_AFTER_MS);
    await running;
    clearTimeout(interrupting);
    if (deps) await closeActivityDeps(deps);
  });
  return {
    get deps() {
      if (!deps) throw new Error('useWorker(): the worker exists inside hooks and tests only');
      return deps;
    },
  };
}
