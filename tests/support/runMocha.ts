import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Counts } from './counts.ts';
import { projectRoot } from './testFiles.ts';

export interface MochaRun {
  files: string[];
  grep?: string;
  reporter?: 'spec' | 'dot' | 'min';
  env?: Record<string, string>;
  /** Ends the run. */
  signal?: AbortSignal;
  /** Called with what it prints instead of passing it on. */
  collect?: (text: string) => void;
}

/**
 * Runs mocha in a process of its own and returns its counts. A process that ends badly (a file that cannot be loaded, an error after
 * the last test, a leaked handle) counts as one more failure.
 */
export async function runMocha({ files, grep, reporter = 'spec', env = {}, signal, collect }: MochaRun): Promise<Counts> {
  const order = { files: files.map((file) => join(projectRoot, file)), reporter, ...(grep === undefined ? {} : { grep }) };
  const output = collect === undefined ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, [join(import.meta.dirname, 'mochaProcess.ts'), JSON.stringify(order)], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output, 'ipc'],
    killSignal: 'SIGTERM',
    ...(signal === undefined ? {} : { signal }),
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => collect?.(text));
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  child.on('message', (message) => (counts = message as Counts));
  child.on('error', () => {});
  const code = await new Promise((resolve) => child.on('close', resolve));
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
