import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { baseEnvironment } from './launch.ts';

const script = join(import.meta.dirname, '..', '..', 'activities', 'writeBundle.ts');

/**
 * Writes the workflow bundle into the data folder and returns its path. At each start, beside the servers, because bundling takes
 * seconds that a worker would otherwise need every time it is started again.
 */
export async function bundleWorkflows(dataDir: string, signal: AbortSignal): Promise<string> {
  const file = join(dataDir, 'workflows.js');
  try {
    await promisify(execFile)(process.execPath, [script, file], { env: baseEnvironment(), signal });
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string };
    throw new Error(`The workflows could not be bundled: ${stderr.trim() || message}`, { cause });
  }
  return file;
}
