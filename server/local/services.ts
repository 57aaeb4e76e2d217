import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { clearStalePostmaster } from './clearStalePostmaster.ts';
import { ensureNamespace } from './ensureNamespace.ts';
import { launch } from './launch.ts';
import type { Launch } from './launch.ts';
import { lastLines, withLogFile } from './logFile.ts';
import { forwardLines } from './logLines.ts';
import { ALLOCATOR, NODE_FLAGS, compileCacheIn } from './nodeFlags.ts';
import { createCluster, postgresLaunch } from './postgresCluster.ts';
import { postgresReady } from './postgresReady.ts';
import { postgresUrl, SUPERUSER } from './postgresUrl.ts';
import type { Service } from './supervise.ts';
import { notePid } from './survivors.ts';
import { temporalLaunch } from './temporalServer.ts';
import type { TemporalServerOptions } from './temporalServer.ts';

const SERVER_STOP_MS = 15_000;
const READY_MS = 60_000;
const root = join(import.meta.dirname, '..', '..');

/** Embedded Postgres of a data folder; makes the cluster first when there is none. */
export async function postgresService(dataDir: string, port: number, superuserPassword: string, signal: AbortSignal): Promise<Service> {
  const cluster = join(dataDir, 'postgres');
  await createCluster(cluster, superuserPassword, signal);
  await clearStalePostmaster(cluster);
  const url = postgresUrl(port, SUPERUSER, superuserPassword, 'postgres');
  return {
    ...serverWithLog(dataDir, 'postgres', 'SIGINT', () => postgresLaunch(cluster, port, { fsync: true })),
    ready: (giveUp) => postgresReady(url, { timeoutMs: READY_MS, giveUp }),
  };
}

/** Temporal dev server whose workflows live in `temporal.db` of the data folder. */
export function temporalService(dataDir: string, options: Omit<TemporalServerOptions, 'dbFilename'>): Service {
  const dbFilename = join(dataDir, 'temporal.db');
  const address = `127.0.0.1:${options.port}`;
  return {
    ...serverWithLog(dataDir, 'temporal', 'SIGTERM', () => temporalLaunch({ ...options, dbFilename })),
    ready: (giveUp) => ensureNamespace(address, options.namespace, { timeoutMs: READY_MS, giveUp }),
  };
}

function serverWithLog(dataDir: string, name: string, stopSignal: NodeJS.Signals, command: () => Launch): Omit<Service, 'ready'> {
  const log = join(dataDir, 'logs', `${name}.log`);
  const spawn = () => withLogFile(log, (fd) => noted(dataDir, name, stopSignal, launch(command(), ['ignore', fd, fd])));
  return { name, spawn, stopSignal, stopTimeoutMs: SERVER_STOP_MS, lastWords: () => lastLines(log) };
}

export interface NodeServiceOptions {
  name: string;
  dataDir: string;
  /** Main file, relative to the project. */
  script: string;
  env: NodeJS.ProcessEnv;
  stopTimeoutMs: number;
  ready: Service['ready'];
  show: (line: string) => void;
}

/** One of our own processes: its output is shown line by line, and it stops by itself when the supervisor is gone. */
export function nodeService({ name, dataDir, script, env, stopTimeoutMs, ready, show }: NodeServiceOptions): Service {
  const args = [...NODE_FLAGS, '--import', join(import.meta.dirname, 'followParent.ts'), join(root, script)];
  const spawn = () => {
    const child = launch({ command: process.execPath, args, env: { ...ALLOCATOR, ...compileCacheIn(dataDir), ...env } }, [
      'ignore',
      'pipe',
      'pipe',
      'ipc',
    ]);
    for (const stream of [child.stdout, child.stderr]) forwardLines(name, stream, show);
    return noted(dataDir, name, 'SIGTERM', child);
  };
  return { name, spawn, ready, stopSignal: 'SIGTERM', stopTimeoutMs };
}

function noted(dataDir: string, name: string, stopSignal: NodeJS.Signals, child: ChildProcess): ChildProcess {
  if (child.pid !== undefined) notePid(dataDir, name, child.pid, stopSignal);
  return child;
}
