import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded } from '../../server/local/endProcess.ts';
import { freePort } from '../../server/local/freePort.ts';
import { end } from './servers.ts';

const root = join(import.meta.dirname, '..', '..');

/** One of the product's own processes, as operations run it: it can be stopped, killed and started again. */
export interface TestProcess {
  /** `http://127.0.0.1:<port>` of its HTTP server; the same after each start. */
  readonly url: string;
  readonly pid: number | undefined;
  /** Starts it and waits until it says that it is ready. */
  start(): Promise<void>;
  /** SIGTERM, and waits for the orderly end. Resolves to the exit code. */
  stop(): Promise<number | null>;
  /** kill -9, as a crash would. */
  kill(): Promise<void>;
  /** Closes the channel to this test, as the death of a supervisor would. */
  disconnect(): void;
  /** Sends the signal and does not wait. */
  signal(name: NodeJS.Signals): void;
  /** Resolves to the exit code when it has ended. */
  ended(): Promise<number | null>;
  /** What it wrote so far. */
  log(): string;
}

interface Kind {
  script: string;
  portVariable: string;
  readyPath: string;
}

const API: Kind = { script: 'server/main.ts', portVariable: 'PORT', readyPath: '/api/v1/health/liveness' };
const WORKER: Kind = { script: 'activities/worker.ts', portVariable: 'WORKER_PORT', readyPath: '/health/readiness' };

/** The API process, not started yet. `env` as testEnv() makes it. */
export const apiProcess = (env: Record<string, string>, nodeArgs: string[] = []): Promise<TestProcess> => controlled(API, env, nodeArgs);

/** The worker process, not started yet. */
export const workerProcess = (env: Record<string, string>, nodeArgs: string[] = []): Promise<TestProcess> =>
  controlled(WORKER, env, nodeArgs);

async function controlled(
  { script, portVariable, readyPath }: Kind,
  env: Record<string, string>,
  nodeArgs: string[],
): Promise<TestProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const dir = mkdtempSync(join(tmpdir(), 'artisan-process-'));
  const logFile = join(dir, 'log');
  const log = (): string => readFileSync(logFile, 'utf8');
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const output = openSync(logFile, 'a');
    child = spawn(process.execPath, [...nodeArgs, script], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', ...env, [portVariable]: String(port) },
      // The channel ends with the test process, and the child with it.
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    await ready(child);
  }

  async function ready(started: ChildProcess): Promise<void> {
    for (const giveUpAt = Date.now() + 20_000; Date.now() < giveUpAt; await sleep(25)) {
      if (started.exitCode !== null || started.signalCode !== null)
        throw new Error(`${script} ended with ${started.exitCode ?? started.signalCode}:\n${log()}`);
      const answer = await fetch(`${url}${readyPath}`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
      if (answer?.ok) return;
    }
    throw new Error(`${script} was not ready in time:\n${log()}`);
  }

  return {
    url,
    get pid() {
      return child?.pid;
    },
    start,
    log,
    async stop() {
      await end(child, 'SIGTERM', 30_000);
      return child?.exitCode ?? null;
    },
    kill: () => end(child, 'SIGKILL', 10_000),
    disconnect: () => child?.disconnect(),
    signal: (name) => void child?.kill(name),
    async ended() {
      if (child && !hasEnded(child)) await once(child, 'exit', { signal: AbortSignal.timeout(30_000) });
      return child?.exitCode ?? null;
    },
  };
}
