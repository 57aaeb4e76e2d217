import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { versionFault } from './temporalCandidates.ts';

const TIMEOUT_MS = 180_000;

/**
 * Lets the Temporal SDK download the CLI that fits it, and puts it into `binDir`. Returns its path, or throws why not.
 * In a process of its own: the SDK's download cannot be cancelled otherwise.
 */
export async function downloadTemporal(binDir: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string> {
  const draft = mkdtempSync(join(binDir, '.download-'));
  try {
    const script = join(import.meta.dirname, 'sdkDownload.ts');
    const run = promisify(execFile)(process.execPath, [script, draft], { env, timeout: TIMEOUT_MS, ...(signal ? { signal } : {}) });
    const failure = await run.then(() => null, reasonOf);
    const file = readdirSync(draft).find((name) => name.startsWith('temporal') && existsSync(join(draft, name)));
    const fault = file === undefined ? (failure ?? 'the SDK downloaded nothing') : versionFault(join(draft, file));
    if (file === undefined || fault !== null) throw new Error(fault ?? '');
    chmodSync(join(draft, file), 0o755);
    renameSync(join(draft, file), join(binDir, 'temporal'));
    return join(binDir, 'temporal');
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function reasonOf(error: { stderr?: string; killed?: boolean; message: string }): string {
  if (error.killed) return `gave up after ${TIMEOUT_MS / 1_000} s`;
  return error.stderr?.trim().split('\n').at(-1) || error.message;
}
