import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { addOutcomes, failed } from './failures.ts';
import type { Outcome } from './failures.ts';
import { runMocha } from './runMocha.ts';
import { projectRoot, serverlessGuards } from './testFiles.ts';

const bin = join(projectRoot, 'node_modules', '.bin');
// The tools find Node by name: it must be the one that runs this.
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };

const PASSED: Outcome = { counts: { passed: 1, failed: 0, skipped: 0 }, failures: [] };

/** Format, lint, types and the guards that need no server, side by side; prints one line for each and what a failed one said. */
export async function runChecks(print: (line: string) => void): Promise<Outcome> {
  const all = await Promise.all([
    check(print, 'format', () => tool('oxfmt', ['--check'])),
    check(print, 'lint', () => tool('oxlint', ['--type-aware', '--deny-warnings'])),
    check(print, 'types', () => tool('tsc', ['--noEmit'])),
    check(print, 'guards', guards),
  ]);
  return addOutcomes(...all);
}

interface Checked {
  outcome: Outcome;
  output: string;
}

async function check(print: (line: string) => void, name: string, run: () => Promise<Checked>): Promise<Outcome> {
  const started = performance.now();
  const { outcome, output } = await run();
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const passed = outcome.counts.failed === 0;
  print(`  ${passed ? '✓' : '✗'} ${name.padEnd(8)} ${seconds} s`);
  if (!passed) print(output.trimEnd());
  return outcome;
}

async function guards(): Promise<Checked> {
  let output = '';
  const outcome = await runMocha({ files: serverlessGuards(), collect: (text) => (output += text) });
  return { outcome, output };
}

function tool(name: string, args: string[]): Promise<Checked> {
  const child = spawn(join(bin, name), args, { cwd: projectRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve) => {
    const end = (outcome: Outcome) => resolve({ outcome, output });
    child.on('error', (error) => {
      output += error.message;
      end(failed(name, output));
    });
    child.on('close', (code) => end(code === 0 ? PASSED : failed(name, output)));
  });
}
