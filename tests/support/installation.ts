import { createKnex } from '../../db/knex.ts';
import type { TestDatabase } from './database.ts';
import { prepareTemplate, urlsOf } from './database.ts';
import { apiProcess, workerProcess } from './processes.ts';
import type { TestProcess } from './processes.ts';
import { startPostgres, startTemporal } from './servers.ts';
import type { TestPostgres, TestTemporal } from './servers.ts';
import { testEnv } from './testConfig.ts';

/** A whole installation on servers of its own, for what must be killed, stopped or measured. */
export interface Installation {
  postgres: TestPostgres;
  temporal: TestTemporal;
  /** Pools of the test itself. */
  database: TestDatabase;
  /** Not started yet. */
  api: TestProcess;
  /** All that were asked for, `api` the first of them. */
  apis: TestProcess[];
  /** Not started yet. */
  worker: TestProcess;
  dispose(): Promise<void>;
}

interface InstallationOptions {
  env?: Record<string, string>;
  /** How many API processes; default 1. */
  apiCount?: number;
  apiArgs?: string[];
  /** Another main file of the API process, with operations of the benchmark's own. */
  apiScript?: string;
  workerArgs?: string[];
}

/** Postgres with fsync on and Temporal in a durable file: what a power cut or a kill -9 meets in production. */
export async function createInstallation({
  env = {},
  apiCount = 1,
  apiArgs = [],
  apiScript,
  workerArgs = [],
}: InstallationOptions = {}): Promise<Installation> {
  const [postgres, temporal] = await Promise.all([startPostgres({ fsync: true }), startTemporal({ durable: true })]);
  const urls = urlsOf(postgres.superuserUrl, await prepareTemplate(postgres.superuserUrl));
  const pool = (url: string) => createKnex(url, { max: 3, applicationName: 'test', statementTimeoutMs: 20_000 });
  const database: TestDatabase = { app: pool(urls.app), system: pool(urls.system), urls };
  const processEnv = testEnv(database, { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace, ...env });
  const apis = await Promise.all(Array.from({ length: apiCount }, () => apiProcess(processEnv, apiArgs, apiScript)));
  const worker = await workerProcess(processEnv, workerArgs);
  return {
    postgres,
    temporal,
    database,
    api: apis[0]!,
    apis,
    worker,
    async dispose() {
      await Promise.all([...apis.map((api) => api.stop()), worker.stop(), database.app.destroy(), database.system.destroy()]);
      await Promise.all([postgres.dispose(), temporal.dispose()]);
    },
  };
}
