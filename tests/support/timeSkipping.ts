import { Context } from '@temporalio/activity';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';
import { createWorkers } from '../../activities/createWorkers.ts';
import { closeActivityDeps, createActivityDeps } from '../../activities/deps.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import type { Clock } from '../../server/clock.ts';
import type { TestDatabase } from './database.ts';
import { testConfig } from './testConfig.ts';
import { timeSkippingLacks, timeSkippingServer } from './timeSkippingServer.ts';
import { quietRuntime } from './worker.ts';

const NAMESPACE = 'default';
const KEYWORD = 2;

/** A Temporal whose time is moved by the test, with the product's own workers on it and a real database. */
export interface TimeSkipping {
  /** Of the workers; `clock` and `temporal` are those of the skipped time, for services that a test calls itself. */
  readonly deps: ActivityDeps;
  readonly env: TestWorkflowEnvironment;
  /** Lets so much time pass: due timers fire, and what they start is done. */
  pass(ms: number): Promise<void>;
}

/**
 * Registers hooks that run the workers on the time-skipping server for the calling file. Skips its tests, and says why, on a machine without
 * Java or Maven. Call it after useDatabase(). Rows get their times from `deps.clock`: what compares with now() of Postgres sees no time pass.
 * No schedules and no updates: the server does not know them.
 */
export function useTimeSkipping(database: TestDatabase, overrides: Record<string, string> = {}): TimeSkipping {
  const stopping = new AbortController();
  let env: TestWorkflowEnvironment | undefined;
  let deps: ActivityDeps | undefined;
  let workers: Worker[] = [];
  let running: Promise<unknown> = Promise.resolve();
  let skippedMs = 0;
  const clock = skippedClock(() => skippedMs);
  before('start the workers on skipped time', async function () {
    this.timeout(200_000);
    const lacks = timeSkippingLacks();
    if (lacks !== null) {
      console.log(`      ${lacks}`);
      this.skip();
    }
    quietRuntime();
    env = await startServer();
    const own = createActivityDeps(
      testConfig(database, { TEMPORAL_NAMESPACE: NAMESPACE, TEMPORAL_ADDRESS: env.address, ...overrides }),
      stopping.signal,
    );
    await own.temporal.connection.close();
    deps = { ...own, clock, temporal: env.client };
    workers = await createWorkers(deps, env.nativeConnection);
    running = Promise.all(workers.map((worker) => worker.run()));
  });
  after('stop them', async function () {
    this.timeout(30_000);
    stopping.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await env?.teardown();
    if (deps) await closeActivityDeps(deps);
  });
  const started = () => {
    if (!env || !deps) throw new Error('useTimeSkipping(): it exists inside hooks and tests only');
    return { env, deps };
  };
  return {
    get deps() {
      return started().deps;
    },
    get env() {
      return started().env;
    },
    async pass(ms) {
      await started().env.sleep(ms);
      skippedMs = (await started().env.currentTimeMs()) - Date.now();
    },
  };
}

async function startServer(): Promise<TestWorkflowEnvironment> {
  const path = await timeSkippingServer();
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } });
  await env.connection.operatorService.addSearchAttributes({
    namespace: NAMESPACE,
    searchAttributes: { OrgId: KEYWORD, Subject: KEYWORD },
  });
  return env;
}

/** The server's time: in an activity when it was scheduled, elsewhere as far as it was skipped. */
const skippedClock = (skippedMs: () => number): Clock => ({
  now() {
    const attempt = inActivity() ? Context.current().info.currentAttemptScheduledTimestampMs : null;
    return new Date(attempt ?? Date.now() + skippedMs());
  },
});

function inActivity(): boolean {
  try {
    return Context.current() !== undefined;
  } catch {
    return false;
  }
}
