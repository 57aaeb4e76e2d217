import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from './waitUntil.ts';

/**
 * Postgres refuses to start while `postmaster.pid` names any living process of its user, even one that only got the same number.
 * The caller holds the data folder's lock: a Postgres that still serves it is left over from a killed start and is stopped; the file then goes.
 */
export async function clearStalePostmaster(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (Number.isInteger(pid) && serves(pid, dataDir)) {
    process.kill(pid, 'SIGINT');
    await waitUntil('An earlier Postgres to stop', () => (serves(pid, dataDir) ? null : true), { timeoutMs: 20_000 });
  }
  rmSync(file, { force: true });
}

function serves(pid: number, dataDir: string): boolean {
  const command = commandOf(pid);
  return command.includes('postgres') && command.includes(dataDir);
}

function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
