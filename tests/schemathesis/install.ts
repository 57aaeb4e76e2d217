import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../support/testFiles.ts';

export const VERSION = '4.32.5';
const INSTALL_TIMEOUT_MS = 180_000;
const run = promisify(execFile);

/** The command of schemathesis, installed once into the data folder; or why it cannot be had here: no python3, or no Python package index. */
export async function installSchemathesis(): Promise<{ command: string } | { missing: string }> {
  const root = join(projectRoot, '.data', 'python', `schemathesis-${VERSION}`);
  const command = join(root, 'bin', 'schemathesis');
  const ready = join(root, 'installed');
  if (existsSync(ready)) return { command };
  try {
    mkdirSync(join(root, '..'), { recursive: true });
    await run('python3', ['-m', 'venv', '--clear', root], { timeout: INSTALL_TIMEOUT_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`];
    await run(join(root, 'bin', 'python'), pip, { timeout: INSTALL_TIMEOUT_MS });
    mkdirSync(ready);
    return { command };
  } catch (error) {
    rmSync(root, { recursive: true, force: true });
    return { missing: `schemathesis ${VERSION} cannot be installed: ${String((error as Error).message.split('\n')[0]).slice(0, 200)}` };
  }
}
