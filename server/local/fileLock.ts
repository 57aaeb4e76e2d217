import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

export interface FileLock {
  release(): void;
}

const BUSY = 5;

/**
 * Takes a lock that the operating system drops when this process ends in any way, kill -9 included; null when another process holds it.
 * SQLite's file lock, because Node has no flock and a file with a process id in it can outlive the process.
 */
export function tryLock(path: string): FileLock | null {
  const database = open(path);
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === BUSY) return null;
    throw error;
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw new Error(`${path} cannot be written: this user needs write access to its folder.`, { cause });
  }
}

/** Waits for the lock; calls `waiting` once when it is not free at once. */
export async function waitForLock(path: string, waiting: () => void, signal?: AbortSignal): Promise<FileLock> {
  const first = tryLock(path);
  if (first !== null) return first;
  waiting();
  for (;;) {
    await sleep(500, undefined, signal ? { signal } : {});
    const lock = tryLock(path);
    if (lock !== null) return lock;
  }
}
