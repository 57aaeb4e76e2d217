import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, hasEnded } from '../../server/local/endProcess.ts';
import { freePort } from '../../server/local/freePort.ts';
import { ALLOCATOR, NODE_FLAGS, compileCacheIn } from '../../server/local/nodeFlags.ts';

const root = join(import.meta.dirname, '..', '..');

interface Kind {
  script: string;
  portVariable: string;
  readyPath: string;
}

const API: Kind = { script: 'server/main.ts', portVariable: 'PORT', readyPath: '/api/v1/health/liveness' };
const WORKER: Kind = { script: 'activities/worker.ts', portVariable: 'WORKER_PORT', readyPath: '/health/readiness' };
const READY_MS = 30_000;

/** The API process, not started yet. `env` as testEnv() makes it. */
export const apiProcess = async (env: Record<string, string>, nodeArgs: string[] = [], script = API.script): Promise<TestProcess> =>
  new TestProcess({ ...API, script }, await freePort(), env, nodeArgs);

/** The worker process, not started yet. */
export const workerProcess = async (env: Record<string, string>, nodeArgs: string[] = []): Promise<TestProcess> =>
  new TestProcess(WORKER, await freePort(), env, nodeArgs);

/** One of the product's own processes, as operations run it: it can be stopped, killed and started again. */
export class TestProcess {
  /** `http://127.0.0.1:<port>` of its HTTP server; the same after each start. */
  readonly url: string;
  readonly #kind: Kind;
  readonly #env: Record<string, string>;
  readonly #nodeArgs: string[];
  readonly #logFile: string;
  #child: ChildProcess | null = null;

  constructor(kind: Kind, port: number, env: Record<string, string>, nodeArgs: string[]) {
    const dir = mkdtempSync(join(tmpdir(), 'artisan-process-'));
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
    this.url = `http://127.0.0.1:${port}`;
    this.#kind = kind;
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      ...ALLOCATOR,
      ...compileCacheIn(join(tmpdir(), 'artisan-platform')),
      ...env,
      [kind.portVariable]: String(port),
    };
    this.#nodeArgs = nodeArgs;
    this.#logFile = join(dir, 'log');
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it wrote so far. */
  log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** Starts it and waits until it says that it is ready. */
  async start(): Promise<void> {
    const output = openSync(this.#logFile, 'a');
    // The channel ends with the test process, and the child with it.
    const stdio = ['ignore', output, output, 'ipc'] as const;
    const child = spawn(process.execPath, [...NODE_FLAGS, ...this.#nodeArgs, this.#kind.script], {
      cwd: root,
      env: this.#env,
      stdio: [...stdio],
    });
    closeSync(output);
    this.#child = child;
    await this.#ready(child);
  }

  /** SIGTERM, and waits for the orderly end. Resolves to the exit code. */
  async stop(): Promise<number | null> {
    await endProcess(this.#child, 'SIGTERM', 30_000);
    return this.#child?.exitCode ?? null;
  }

  /** kill -9, as a crash would. */
  async kill(): Promise<void> {
    await endProcess(this.#child, 'SIGKILL', 10_000);
  }

  /** Closes the channel to this test, as the death of a supervisor would. */
  disconnect(): void {
    this.#child?.disconnect();
  }

  /** Sends the signal and does not wait. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Resolves when it has ended: to the exit code, or to the name of the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    const child = this.#child;
    if (child && !hasEnded(child)) await once(child, 'exit', { signal: AbortSignal.timeout(30_000) });
    return child?.exitCode ?? child?.signalCode ?? null;
  }

  async #ready(child: ChildProcess): Promise<void> {
    const { script, readyPath } = this.#kind;
    for (const giveUpAt = Date.now() + READY_MS; Date.now() < giveUpAt; await sleep(25)) {
      if (hasEnded(child)) throw new Error(`${script} ended with ${child.exitCode ?? child.signalCode}:\n${this.log()}`);
      const answer = await fetch(`${this.url}${readyPath}`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
      if (answer?.ok) return;
    }
    throw new Error(`${script} was not ready in time:\n${this.log()}`);
  }
}
