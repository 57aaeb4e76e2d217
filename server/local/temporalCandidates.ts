import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Oldest Temporal server the product runs on: fairness of task queues came with it. */
export const OLDEST_SERVER = [1, 29] as const;

/** Where fetched or built programs stay: outside the checkout, shared by all copies of it. */
export function cacheBin(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'artisan-platform', 'bin');
}

/** A `temporal` that is already on this machine: PATH first, then the cache. Adds to `tried` why a candidate was not taken. */
export function temporalCandidates(env: NodeJS.ProcessEnv, tried: string[]): string | null {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const dir of [...onPath, cacheBin(env)]) {
    const binary = join(dir, 'temporal');
    if (!isExecutable(binary)) continue;
    const fault = versionFault(binary);
    if (fault === null) return binary;
    tried.push(`${binary}: ${fault}`);
  }
  if (tried.length === 0) tried.push(`no "temporal" on the PATH or in ${cacheBin(env)}`);
  return null;
}

/** Why this binary cannot be used; null when it can. */
export function versionFault(binary: string): string | null {
  const { stdout, error } = spawnSync(binary, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const found = /Server (\d+)\.(\d+)/.exec(stdout ?? '');
  if (!found) return error ? error.message : 'is not the Temporal CLI with a server in it';
  const [major, minor] = [Number(found[1]), Number(found[2])];
  const recent = major > OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor >= OLDEST_SERVER[1]);
  return recent ? null : `has server ${major}.${minor}, older than ${OLDEST_SERVER.join('.')}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
