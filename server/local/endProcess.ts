import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether the process is gone or never came to be. */
export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Sends the signal and waits for the exit; kill -9 when it does not come within `deadlineMs`. */
export async function endProcess(child: ChildProcess | null, signal: NodeJS.Signals, deadlineMs: number): Promise<void> {
  if (child === null || hasEnded(child)) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  const deadline = new AbortController();
  await Promise.race([exit, sleep(deadlineMs, undefined, { signal: deadline.signal }).catch(() => {})]);
  deadline.abort();
  if (hasEnded(child)) return;
  child.kill('SIGKILL');
  await exit;
}
