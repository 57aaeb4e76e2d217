import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { hasEnded } from './endProcess.ts';
import { baseEnvironment, resolveLaunch } from './launch.ts';
import type { Launch } from './launch.ts';
import { postgresBinaries } from './postgresBinaries.ts';
import { SUPERUSER } from './postgresUrl.ts';
import { postgresUser } from './postgresUser.ts';
import type { PostgresUser } from './postgresUser.ts';

/**
 * Makes the data folder once: UTF-8, byte order of the built-in C.UTF-8 locale (the same on every machine), page checksums,
 * passwords by SCRAM. It appears under its name only when it is whole, so a killed first start leaves nothing half-made.
 * Returns whether it was made now. Throws when `signal` is aborted before it is whole; nothing is left then.
 */
export async function createCluster(dataDir: string, superuserPassword: string, signal?: AbortSignal): Promise<boolean> {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return false;
  const draft = `${dataDir}.draft`;
  const passwordFile = `${dataDir}.password`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const identity = postgresUser(draft);
  writeFileSync(passwordFile, superuserPassword, { mode: 0o600 });
  chmodSync(draft, 0o700);
  if (identity.user) for (const path of [draft, passwordFile]) chownSync(path, identity.user.uid, identity.user.gid);
  try {
    await initialize(draft, passwordFile, identity, signal);
    renameSync(draft, dataDir);
  } finally {
    rmSync(passwordFile, { force: true });
    // A server that initdb had started may write for another moment.
    rmSync(draft, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
  return true;
}

async function initialize(draft: string, passwordFile: string, identity: PostgresUser, signal?: AbortSignal): Promise<void> {
  const args = ['-D', resolve(draft), '-U', SUPERUSER, `--pwfile=${resolve(passwordFile)}`, '--auth=scram-sha-256', '--data-checksums'];
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const run = resolveLaunch({ command: postgresBinaries().initdb, args: [...args, ...locale, '--no-instructions'], ...identity });
  const running = promisify(execFile)(run.command, run.args, {
    ...run.identity,
    cwd: '/',
    env: baseEnvironment(),
    ...(signal ? { signal } : {}),
  });
  try {
    await running;
  } catch (cause) {
    // An abort is told before the process is gone, which still writes.
    if (!hasEnded(running.child)) await once(running.child, 'exit');
    const { stderr = '', message } = cause as { stderr?: string; message: string };
    throw new Error(`initdb failed: ${stderr.trim() || message}`, { cause });
  }
}

/**
 * The command that serves a data folder on loopback TCP only. `fsync: false` is for throw-away test data:
 * faster, and lost when the machine loses power (a killed process loses nothing either way).
 */
export function postgresLaunch(dataDir: string, port: number, { fsync }: { fsync: boolean }): Launch {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    jit: 'off',
    timezone: 'UTC',
    log_line_prefix: '%m [%p] %u ',
    ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  const args = [
    '-D',
    resolve(dataDir),
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  return {
    command: postgresBinaries().postgres,
    args,
    cwd: dirname(resolve(dataDir)),
    parentDeathSignal: 'SIGINT',
    ...postgresUser(dataDir),
  };
}
