import { Context } from '@temporalio/activity';
import { TestWorkflowEnvironment } from '@temporalio/testing';
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

/** Settings of the workers, or a function of those that earlier hooks make. */
type Overrides = Record<string, string> | (() => Record<string, string>);

/** A Temporal whose time is moved by the test, with the product's own workers on it and a real database. */
export interface TimeSkipping {
  /** Of the workers; `clock` and `temporal` are those of the skipped time, for services that a test calls itself. */
  readonly deps: ActivityDeps;
  readonly env: TestWorkflowEnvironment;
  /** Lets so much time pass: due timers fire. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until the workflow ends, and returns its result. */
  untilEnd<T>(handle: { result(): Promise<T> }): Promise<T>;
}

/**
 * Registers hooks that run the workers on the time-skipping server for the calling file. Skips its tests, and says why, on a machine without
 * Java or Maven. Call it after useDatabase(). Rows get their times from `deps.clock`: what compares with now() of Postgres sees no time pass.
 * No schedules and no updates: the server does not know them.
 */
export function useTimeSkipping(database: TestDatabase, overrides: Overrides = {}): TimeSkipping {
  let running: Running | undefined;
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
    running = await startWorkers(database, typeof overrides === 'function' ? overrides() : overrides, clock);
  });
  after('stop them', async function () {
    this.timeout(30_000);
    await running?.stop();
  });
  const started = (): Running => {
    if (!running) throw new Error('useTimeSkipping(): it exists inside hooks and tests only');
    return running;
  };
  const follow = async () => {
    skippedMs = (await started().env.currentTimeMs()) - Date.now();
  };
  return {
    get deps() {
      return started().deps;
    },
    get env() {
      return started().env;
    },
    pass: (ms) => started().env.sleep(ms).then(follow),
    untilEnd: (handle) => handle.result().finally(follow),
  };
}

interface Running {
  env: TestWorkflowEnvironment;
  deps: ActivityDeps;
  stop(): Promise<void>;
}

async function startWorkers(database: TestDatabase, overrides: Record<string, string>, clock: Clock): Promise<Running> {
  const stopping = new AbortController();
  const env = await startServer();
  const config = testConfig(database, { TEMPORAL_NAMESPACE: NAMESPACE, TEMPORAL_ADDRESS: env.address, ...overrides });
  const own = createActivityDeps(config, stopping.signal);
  await own.temporal.connection.close();
  const deps = { ...own, clock, temporal: env.client };
  const workers = await createWorkers(deps, env.nativeConnection);
  const running = Promise.all(workers.map((worker) => worker.run()));
  const stop = async (): Promise<void> => {
    stopping.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await env.teardown();
    await closeActivityDeps(deps);
  };
  return { env, deps, stop };
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
