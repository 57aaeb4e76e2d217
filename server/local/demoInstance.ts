import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { endProcess, hasEnded } from './endProcess.ts';
import { readRunning } from './running.ts';
import type { Screen } from './screen.ts';
import { dataDirOf, existingConfig } from './settings.ts';
import { waitUntil } from './waitUntil.ts';

/** A platform to show the product with. Disposing stops what was started for it. */
export interface DemoInstance extends AsyncDisposable {
  apiUrl: string;
  config: Config & { DATABASE_SYSTEM_URL: string };
}

// Long enough for a first start that builds Temporal.
const START_MS = 15 * 60_000;
const STOP_MS = 40_000;

/** The running start of DATA_DIR where there is one, else one of its own in a temporary folder, which leaves nothing behind. */
export async function demoInstance(env: NodeJS.ProcessEnv, screen: Screen): Promise<DemoInstance> {
  const running = readRunning(dataDirOf(env));
  if (running !== null && (await answers(running.apiUrl))) {
    return { apiUrl: running.apiUrl, config: systemConfig(env), [Symbol.asyncDispose]: async () => {} };
  }
  return ownInstance(env, screen);
}

async function ownInstance(env: NodeJS.ProcessEnv, screen: Screen): Promise<DemoInstance> {
  const dataDir = mkdtempSync(join(tmpdir(), 'artisan-demo-'));
  chmodSync(dataDir, 0o711);
  const own = { ...env, DATA_DIR: dataDir, PORT: '0', TEMPORAL_UI_PORT: '0', DATABASE_PORT: '0', TEMPORAL_PORT: '0', WORKER_PORT: '0' };
  const done = screen.busy('No npm start is running with this DATA_DIR: starting one for the demo');
  const { child, output } = startPlatform(own);
  const dispose = async (): Promise<void> => {
    await endProcess(child, 'SIGINT', STOP_MS);
    rmSync(dataDir, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void dispose().then(() => process.exit(130)));
  try {
    const giveUp = () => (hasEnded(child) ? `npm start ended:\n${output()}` : null);
    const { apiUrl } = await waitUntil('The platform', () => readRunning(dataDir), { timeoutMs: START_MS, giveUp });
    return { apiUrl, config: systemConfig(own), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  } finally {
    done();
  }
}

function startPlatform(env: NodeJS.ProcessEnv): { child: ChildProcess; output: () => string } {
  const [followParent, start] = ['followParent.ts', 'start.ts'].map((file) => join(import.meta.dirname, file)) as [string, string];
  const child = spawn(process.execPath, ['--import', followParent, start], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-4_000)));
  return { child, output: () => text };
}

function systemConfig(env: NodeJS.ProcessEnv): DemoInstance['config'] {
  const config = existingConfig(env);
  const { DATABASE_SYSTEM_URL } = config;
  if (DATABASE_SYSTEM_URL === undefined) throw new Error('DATABASE_URL is set, so set DATABASE_SYSTEM_URL too.');
  return { ...config, DATABASE_SYSTEM_URL };
}

async function answers(apiUrl: string): Promise<boolean> {
  return fetch(`${apiUrl}/health`, { signal: AbortSignal.timeout(3_000) }).then(
    (response) => response.ok,
    () => false,
  );
}
