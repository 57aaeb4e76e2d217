import type { ChildProcess } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, hasEnded } from '../../server/local/endProcess.ts';
import { ensureNamespace } from '../../server/local/ensureNamespace.ts';
import { findTemporal } from '../../server/local/findTemporal.ts';
import { freePort } from '../../server/local/freePort.ts';
import { launch } from '../../server/local/launch.ts';
import type { Launch } from '../../server/local/launch.ts';
import { createCluster, postgresLaunch } from '../../server/local/postgresCluster.ts';
import { postgresReady } from '../../server/local/postgresReady.ts';
import { postgresUrl, SUPERUSER } from '../../server/local/postgresUrl.ts';
import { temporalLaunch } from '../../server/local/temporalServer.ts';

/** A real server of a test: it can be stopped, killed and started again on the same port with the same data. */
export interface TestServer {
  readonly port: number;
  /** Of the process that was started last. */
  pid(): number | undefined;
  /** Starts it again after stop or kill and waits until it answers. */
  start(): Promise<void>;
  /** Asks it to end and waits; forces after ten seconds. */
  stop(): Promise<void>;
  /** kill -9, as a crash would. */
  kill(): Promise<void>;
  /** stop, then removes its data. */
  dispose(): Promise<void>;
  /** What it wrote so far. */
  log(): string;
}

export interface TestPostgres extends TestServer {
  readonly superuserUrl: string;
}

export interface TestTemporal extends TestServer {
  readonly address: string;
  readonly namespace: string;
}

/** A Postgres of its own in a temporary folder. `fsync: false` (default) is for tests that do not cut the power. */
export async function startPostgres({ fsync = false }: { fsync?: boolean } = {}): Promise<TestPostgres> {
  const dir = temporaryDir();
  const dataDir = join(dir, 'postgres');
  await createCluster(dataDir, 'superuser');
  const port = await freePort();
  const superuserUrl = postgresUrl(port, SUPERUSER, 'superuser', 'postgres');
  const server = controlled({
    dir,
    port,
    command: () => postgresLaunch(dataDir, port, { fsync }),
    stopSignal: 'SIGINT',
    ready: (giveUp) => postgresReady(superuserUrl, { timeoutMs: 20_000, giveUp }),
  });
  await server.start();
  return { ...server, superuserUrl };
}

/** A Temporal dev server of its own: in memory, or in a file of its temporary folder (`durable`) that survives kill and start. */
export async function startTemporal({
  durable = false,
  namespace = 'artisan',
}: { durable?: boolean; namespace?: string } = {}): Promise<TestTemporal> {
  const binary = await findTemporal();
  const dir = temporaryDir();
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const dbFilename = join(dir, 'temporal.db');
  const server = controlled({
    dir,
    port,
    command: () => temporalLaunch({ binary, port, uiPort: null, namespace, dbFilename, synchronous: durable ? 'FULL' : 'OFF' }),
    stopSignal: 'SIGTERM',
    ready: (giveUp) => ensureNamespace(address, namespace, { timeoutMs: 30_000, giveUp }),
  });
  await server.start();
  return { ...server, address, namespace };
}

interface Controlled {
  dir: string;
  port: number;
  command: () => Launch;
  stopSignal: 'SIGINT' | 'SIGTERM';
  ready: (giveUp: () => string | null) => Promise<void>;
}

function controlled({ dir, port, command, stopSignal, ready }: Controlled): TestServer {
  const logFile = join(dir, 'log');
  let child: ChildProcess | null = null;
  const log = () => readFileSync(logFile, 'utf8');

  async function start(): Promise<void> {
    const output = openSync(logFile, 'a');
    const started = launch(command(), ['ignore', output, output]);
    closeSync(output);
    child = started;
    await ready(() => (!hasEnded(started) ? null : `ended with ${started.exitCode ?? started.signalCode}:\n${log()}`));
  }
  const stop = () => endProcess(child, stopSignal, 10_000);
  const kill = () => endProcess(child, 'SIGKILL', 10_000);
  async function dispose(): Promise<void> {
    await stop();
    rmSync(dir, { recursive: true, force: true });
  }
  return { port, pid: () => child?.pid, start, stop, kill, dispose, log };
}

/** A folder another user may pass through, because root runs Postgres as somebody else. */
function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'artisan-test-'));
  chmodSync(dir, 0o711);
  return dir;
}
