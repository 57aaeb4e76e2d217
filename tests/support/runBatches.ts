import { addCounts } from './counts.ts';
import type { Counts } from './counts.ts';
import type { Batch } from './batches.ts';
import { runMocha } from './runMocha.ts';

interface BatchesRun {
  batches: Batch[];
  /** What the processes of each lane get in their environment; there are as many lanes as entries. */
  lanes: Record<string, string>[];
  print: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Runs the batches, in order, in as many mocha processes at a time as there are lanes: most tests wait for a server, so one lane leaves
 * cores idle. Prints what a batch said when it is through, never mixed with another's. Returns the counts of all.
 */
export async function runBatches({ batches, lanes, print, signal }: BatchesRun): Promise<Counts> {
  const waiting = [...batches];
  const counts: Counts[] = [];
  const failed: string[] = [];

  async function work(env: Record<string, string>): Promise<void> {
    for (let batch = waiting.shift(); batch !== undefined && !signal.aborted; batch = waiting.shift()) {
      const started = performance.now();
      let output = '';
      const of = await runMocha({ files: batch.files, env, signal, collect: (text) => (output += text) });
      counts.push(of);
      if (of.failed > 0) failed.push(batch.name);
      print(`\n── ${batch.name} (${((performance.now() - started) / 1_000).toFixed(0)} s)\n${output.trimEnd()}`);
    }
  }

  await Promise.all(lanes.map(work));
  if (failed.length > 0) print(`\nFailures, explained above, in: ${failed.join(', ')}`);
  return addCounts(...counts);
}
