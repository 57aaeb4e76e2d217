import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { versionFault } from './temporalCandidates.ts';

/** The newest tag that `go install` accepts: later ones carry a `replace` in their go.mod. */
export const TEMPORAL_MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

/**
 * Builds the Temporal CLI with Go and puts it into `binDir` in one step, so that a stopped build leaves no half file.
 * Returns its path, or throws why not (no Go, too old, no module proxy).
 */
export async function buildTemporal(binDir: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string> {
  const draft = mkdtempSync(join(binDir, '.build-'));
  try {
    const fault = await goInstall({ ...env, GOBIN: draft }, signal);
    const built = join(draft, 'temporal');
    if (fault !== null) throw new Error(fault);
    if (!existsSync(built)) throw new Error('go install ended without a binary');
    const unusable = versionFault(built);
    if (unusable !== null) throw new Error(`the binary that was built ${unusable}`);
    renameSync(built, join(binDir, 'temporal'));
    return join(binDir, 'temporal');
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function goInstall(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string | null> {
  const child = spawn('go', ['install', TEMPORAL_MODULE], { env, stdio: ['ignore', 'ignore', 'pipe'], ...(signal ? { signal } : {}) });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2_000)));
  return new Promise((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ENOENT' ? 'Go is not on the PATH' : error.message));
    child.on('close', (code) => resolve(code === 0 ? null : errors.trim().split('\n').slice(-3).join(' ') || `exit code ${code}`));
  });
}
