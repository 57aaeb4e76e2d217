import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from './waitUntil.ts';

interface PidFile {
  pid: number;
  /** When the process began, in the words of the system: tells it from a later process with the same number. */
  began: string;
  stopSignal: NodeJS.Signals;
}

/** Notes a running process in the data folder, so that the next start finds it if the supervisor is killed before it. */
export function notePid(dataDir: string, name: string, pid: number, stopSignal: NodeJS.Signals): void {
  const dir = join(dataDir, 'pids');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, `${name}.json`), JSON.stringify({ pid, began: beganAt(pid) ?? '', stopSignal } satisfies PidFile));
}

/**
 * Stops what a killed supervisor left behind (the caller holds the data folder's lock, so nobody else owns it):
 * asks first, kills after ten seconds. Returns the names of what was still running.
 */
export async function stopSurvivors(dataDir: string): Promise<string[]> {
  const dir = join(dataDir, 'pids');
  if (!existsSync(dir)) return [];
  const names = readdirSync(dir).filter((file) => file.endsWith('.json'));
  const stopped = await Promise.all(names.map((file) => stopSurvivor(join(dir, file))));
  rmSync(dir, { recursive: true, force: true });
  return names.filter((_, index) => stopped[index]).map((file) => file.slice(0, -'.json'.length));
}

async function stopSurvivor(file: string): Promise<boolean> {
  const noted = readNote(file);
  if (noted === null || !isRunning(noted)) return false;
  process.kill(noted.pid, noted.stopSignal);
  const gone = () => (isRunning(noted) ? null : true);
  await waitUntil(`process ${noted.pid}`, gone, { timeoutMs: 10_000 }).catch(async () => {
    process.kill(noted.pid, 'SIGKILL');
    await waitUntil(`process ${noted.pid}`, gone, { timeoutMs: 5_000 });
  });
  return true;
}

function readNote(file: string): PidFile | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PidFile;
  } catch {
    return null; // cut off while it was written: the process it named got its parent's death signal
  }
}

function isRunning({ pid, began }: PidFile): boolean {
  return began !== '' && beganAt(pid) === began;
}

/** When a process began; null when there is none of that number (or only its zombie). */
export function beganAt(pid: number): string | null {
  try {
    if (process.platform !== 'linux') return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
