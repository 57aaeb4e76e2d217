import { findTemporal } from './findTemporal.ts';
import { freePort } from './freePort.ts';
import { bundleWorkflows } from './bundleWorkflows.ts';
import { embeddedUrls } from './embeddedUrls.ts';
import { prepareDatabase } from './prepareDatabase.ts';
import { assertFree, rememberedPort } from './rememberedPorts.ts';
import type { Screen } from './screen.ts';
import { nodeService, postgresService, temporalService } from './services.ts';
import { processEnvironment } from './settings.ts';
import type { LocalSettings } from './settings.ts';
import { supervise } from './supervise.ts';
import type { Service, Supervised } from './supervise.ts';
import { baseEnvironment } from './launch.ts';
import { waitUntil } from './waitUntil.ts';
import type { Config } from '../config.ts';

/** Everything `npm start` runs. `running` grows as services come up, in the order they are stopped from its end. */
export interface Stack {
  running: Supervised[];
  screen: Screen;
  settings: LocalSettings;
  signal: AbortSignal;
}

export interface Ready {
  config: Config;
  apiUrl: string;
  temporalUiUrl: string | null;
}

const READY_MS = 60_000;
const STOP_MARGIN_MS = 5_000;

/** Starts Postgres beside Temporal, then the worker beside the API. Throws what failed; what already runs is in `stack.running`. */
export async function startStack(stack: Stack): Promise<Ready> {
  const given = stack.settings.config;
  await checkPorts(given);
  const [database, temporal, bundle] = await allOrFirstFault([startDatabase(stack), startTemporal(stack), workflowBundle(stack)]);
  const port = given.PORT === 0 ? await freePort(given.HOST) : given.PORT;
  const workerPort = given.WORKER_PORT === 0 ? await freePort() : given.WORKER_PORT;
  const found = { TEMPORAL_ADDRESS: temporal.address, WORKFLOW_BUNDLE_PATH: bundle, PORT: port, WORKER_PORT: workerPort };
  const config: Config = { ...given, ...database, ...found };
  const apiUrl = `http://${reachable(config.HOST)}:${port}`;
  await startProcesses(stack, config, apiUrl);
  return { config, apiUrl, temporalUiUrl: temporal.uiUrl };
}

async function checkPorts(config: Config): Promise<void> {
  if (config.PORT !== 0) await assertFree(config.PORT, 'PORT', config.HOST);
  if (config.WORKER_PORT !== 0) await assertFree(config.WORKER_PORT, 'WORKER_PORT');
  if (config.TEMPORAL_ADDRESS === undefined && config.TEMPORAL_UI_PORT !== 0) await assertFree(config.TEMPORAL_UI_PORT, 'TEMPORAL_UI_PORT');
}

async function workflowBundle({ settings: { config, dataDir }, signal }: Stack): Promise<string> {
  return config.WORKFLOW_BUNDLE_PATH ?? bundleWorkflows(dataDir, signal);
}

async function startDatabase(stack: Stack): Promise<Partial<Config>> {
  const { config, dataDir, secrets } = stack.settings;
  if (config.DATABASE_URL !== undefined) return useGivenDatabase(stack);
  const passwords = secrets.databasePasswords;
  const port = await rememberedPort(dataDir, 'postgres', config.DATABASE_PORT, 'DATABASE_PORT');
  const postgres = () => postgresService(dataDir, port, passwords.superuser, stack.signal);
  await stage(stack, `Postgres on 127.0.0.1:${port}`, async () => up(stack, await postgres()));
  await stage(stack, 'Database roles and schema', () => prepareDatabase(port, passwords));
  const { DATABASE_URL, DATABASE_SYSTEM_URL } = embeddedUrls(port, passwords);
  return { DATABASE_URL, DATABASE_SYSTEM_URL };
}

async function useGivenDatabase(stack: Stack): Promise<Partial<Config>> {
  const { DATABASE_SYSTEM_URL, DATABASE_OWNER_URL } = stack.settings.config;
  if (DATABASE_SYSTEM_URL === undefined)
    throw new Error('DATABASE_URL is set, so DATABASE_SYSTEM_URL is needed too (Postgres as artisan_system).');
  if (DATABASE_OWNER_URL === undefined) {
    stack.screen.say('  - Schema of the given database left as it is: DATABASE_OWNER_URL is not set');
    return {};
  }
  const { migrate } = await import('../../db/migrate.ts');
  await stage(stack, 'Schema of the given database', () => migrate(DATABASE_OWNER_URL));
  return {};
}

async function startTemporal(stack: Stack): Promise<{ address: string; uiUrl: string | null }> {
  const { config, dataDir } = stack.settings;
  const namespace = config.TEMPORAL_NAMESPACE;
  if (config.TEMPORAL_ADDRESS !== undefined) {
    const address = config.TEMPORAL_ADDRESS;
    const { ensureNamespace } = await import('./ensureNamespace.ts');
    await stage(stack, `Temporal at ${address}, namespace ${namespace}`, () => ensureNamespace(address, namespace));
    return { address, uiUrl: null };
  }
  const binary = await findTemporal({ env: process.env, screen: stack.screen, signal: stack.signal });
  const port = await rememberedPort(dataDir, 'temporal', config.TEMPORAL_PORT, 'TEMPORAL_PORT');
  const uiPort = config.TEMPORAL_UI_PORT === 0 ? await freePort() : config.TEMPORAL_UI_PORT;
  await stage(stack, `Temporal on 127.0.0.1:${port}`, () => up(stack, temporalService(dataDir, { binary, port, uiPort, namespace })));
  return { address: `127.0.0.1:${port}`, uiUrl: `http://127.0.0.1:${uiPort}` };
}

async function startProcesses(stack: Stack, config: Config, apiUrl: string): Promise<void> {
  const common = { dataDir: stack.settings.dataDir, show: stack.screen.say };
  const env = (name: 'api' | 'worker') => ({ ...baseEnvironment(), ...processEnvironment(config, name) });
  const worker = nodeService({
    ...common,
    name: 'worker',
    script: 'activities/worker.ts',
    env: env('worker'),
    stopTimeoutMs: config.WORKER_SHUTDOWN_SECONDS * 1_000 + STOP_MARGIN_MS,
    ready: (giveUp) => answering(`http://${reachable(config.HOST)}:${config.WORKER_PORT}/health/readiness`, giveUp),
  });
  const api = nodeService({
    ...common,
    name: 'api',
    script: 'server/main.ts',
    env: env('api'),
    stopTimeoutMs: config.SHUTDOWN_SECONDS * 1_000 + STOP_MARGIN_MS,
    ready: (giveUp) => answering(`${apiUrl}/api/v1/health/liveness`, giveUp),
  });
  await allOrFirstFault([stage(stack, 'Worker', () => up(stack, worker)), stage(stack, `API on ${apiUrl}`, () => up(stack, api))]);
  await answering(`${apiUrl}/health/ready`, () => null);
}

async function up(stack: Stack, service: Service): Promise<void> {
  stack.signal.throwIfAborted();
  const supervised = supervise(service, { report: stack.screen.say });
  stack.running.push(supervised);
  await supervised.start();
}

async function stage<T>(stack: Stack, label: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  stack.screen.say(`  ✓ ${label.padEnd(44)} ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  return result;
}

async function answering(url: string, giveUp: () => string | null): Promise<void> {
  const ask = async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    if (response.ok) return true as const;
    throw new Error(`${response.status} ${await response.text()}`);
  };
  await waitUntil(url, ask, { timeoutMs: READY_MS, everyMs: 100, giveUp });
}

/** Waits for all; when one fails, for no other one any more. */
async function allOrFirstFault<T extends unknown[]>(work: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  for (const each of work) each.catch(() => {});
  return Promise.all(work) as Promise<T>;
}

const reachable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host);
