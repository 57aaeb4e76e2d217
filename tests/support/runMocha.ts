import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Counts } from './counts.ts';
import { addOutcomes, failed } from './failures.ts';
import type { Failure, Outcome } from './failures.ts';
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

/** What the process of mocha tells: each failure as it comes, and the counts at the end. */
export type MochaReport = { counts: Counts } | { failure: Failure };

/**
 * Runs mocha in a process of its own and returns what came of it. A process that ends badly (a file that cannot be loaded, an error after
 * the last test, a leaked handle) counts as one more failure.
 */
export async function runMocha({ files, grep, reporter = 'spec', env = {}, signal, collect }: MochaRun): Promise<Outcome> {
  const order = { files: files.map((file) => join(projectRoot, file)), reporter, ...(grep === undefined ? {} : { grep }) };
  const output = collect === undefined ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, [join(import.meta.dirname, 'mochaProcess.ts'), JSON.stringify(order)], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output, 'ipc'],
    killSignal: 'SIGTERM',
    ...(signal === undefined ? {} : { signal }),
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      collect?.(text);
    });
  const outcome: Outcome = { counts: { passed: 0, failed: 0, skipped: 0 }, failures: [] };
  child.on('message', (message) => {
    const report = message as MochaReport;
    if ('counts' in report) outcome.counts = report.counts;
    else outcome.failures.push(report.failure);
  });
  child.on('error', () => {});
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code === 0 || outcome.counts.failed > 0) return outcome;
  return addOutcomes(
    outcome,
    failed(`the process of ${files.length} file(s) from ${files[0]} on ended with ${child.exitCode ?? child.signalCode}`, printed),
  );
}
