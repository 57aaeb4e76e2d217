import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { addCounts } from './counts.ts';
import type { Counts } from './counts.ts';
import { runMocha } from './runMocha.ts';
import { projectRoot, serverlessGuards } from './testFiles.ts';

const bin = join(projectRoot, 'node_modules', '.bin');
// The tools find Node by name: it must be the one that runs this.
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };

/** Format, lint, types and the guards that need no server, side by side; prints one line for each and what a failed one said. */
export async function runChecks(print: (line: string) => void): Promise<Counts> {
  const all = await Promise.all([
    check(print, 'format', () => tool('oxfmt', ['--check'])),
    check(print, 'lint', () => tool('oxlint', ['--type-aware', '--deny-warnings'])),
    check(print, 'types', () => tool('tsc', ['--noEmit'])),
    check(print, 'guards', guards),
  ]);
  return addCounts(...all);
}

interface Outcome {
  counts: Counts;
  output: string;
}

async function check(print: (line: string) => void, name: string, run: () => Promise<Outcome>): Promise<Counts> {
  const started = performance.now();
  const { counts, output } = await run();
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  print(`  ${counts.failed === 0 ? '✓' : '✗'} ${name.padEnd(8)} ${seconds} s`);
  if (counts.failed > 0) print(output.trimEnd());
  return counts;
}

async function guards(): Promise<Outcome> {
  let output = '';
  const counts = await runMocha({ files: serverlessGuards(), collect: (text) => (output += text) });
  return { counts, output };
}

function tool(name: string, args: string[]): Promise<Outcome> {
  const child = spawn(join(bin, name), args, { cwd: projectRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve) => {
    const end = (failed: number) => resolve({ counts: { passed: 1 - failed, failed, skipped: 0 }, output });
    child.on('error', (error) => {
      output += error.message;
      end(1);
    });
    child.on('close', (code) => end(code === 0 ? 0 : 1));
  });
}
