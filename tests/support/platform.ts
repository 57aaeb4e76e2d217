import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, hasEnded } from '../../server/local/endProcess.ts';
import { baseEnvironment } from '../../server/local/launch.ts';
import { readRunning } from '../../server/local/running.ts';
import { beganAt } from '../../server/local/survivors.ts';
import { waitUntil } from '../../server/local/waitUntil.ts';
import { projectRoot } from './testFiles.ts';

const READY_MS = 60_000;
const STOP_MS = 40_000;

/** A real `npm start` with a data folder of its own. */
export interface Platform {
  readonly dataDir: string;
  readonly child: ChildProcess;
  readonly apiUrl: string;
  output(): string;
  /** Waits until the output contains the text, `times` times. */
  prints(text: string, times?: number): Promise<void>;
  /** Process ids of what it runs, by name. */
  pids(): Record<string, number>;
  stop(): Promise<void>;
}

/** A folder that Postgres' user may pass through. */
export function platformDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'artisan-platform-'));
  chmodSync(dir, 0o711);
  return dir;
}

/** Starts it and waits until it is ready. Throws with its output when it ends instead. */
export async function startPlatform(dataDir: string, env: NodeJS.ProcessEnv = {}): Promise<Platform> {
  const { child, output } = runLocal('start.ts', [], dataDir, env);
  const giveUp = () => (hasEnded(child) ? `ended with ${child.exitCode ?? child.signalCode}:\n${output()}` : null);
  const ready = () => (readRunning(dataDir)?.pid === child.pid ? readRunning(dataDir) : null);
  const running = await waitUntil('npm start', ready, { timeoutMs: READY_MS, giveUp }).catch(async (error: unknown) => {
    await endProcess(child, 'SIGINT', STOP_MS);
    throw new Error(`${String(error)}\n${output()}`, { cause: error });
  });
  const prints = async (text: string, times = 1): Promise<void> => {
    await waitUntil(`"${text}" in the output`, () => (output().split(text).length > times ? true : null), { timeoutMs: 20_000, giveUp });
  };
  const stop = () => endProcess(child, 'SIGINT', STOP_MS);
  return { dataDir, child, apiUrl: running.apiUrl, output, prints, pids: () => pidsOf(dataDir), stop };
}

/** Runs one of the local commands in an environment of nothing but what is given, on free ports. */
export function runLocal(script: string, args: string[], dataDir: string, env: NodeJS.ProcessEnv = {}) {
  const given = { ...baseEnvironment(), DATA_DIR: dataDir, PORT: '0', TEMPORAL_UI_PORT: '0', ...env };
  const child = spawn(process.execPath, [join(projectRoot, 'server/local', script), ...args], {
    cwd: dataDir,
    env: given,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, closed, output: () => text, stdout: () => stdout };
}

/** Removes a data folder. */
export function removeDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** Whether a process of that number is alive. */
export const isAlive = (pid: number): boolean => beganAt(pid) !== null;

function pidsOf(dataDir: string): Record<string, number> {
  const dir = join(dataDir, 'pids');
  if (!existsSync(dir)) return {};
  const read = (file: string) => (JSON.parse(readFileSync(join(dir, file), 'utf8')) as { pid: number }).pid;
  return Object.fromEntries(readdirSync(dir).map((file) => [file.slice(0, -'.json'.length), read(file)]));
}
