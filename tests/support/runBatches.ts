import type { Batch } from './batches.ts';
import { addOutcomes } from './failures.ts';
import type { Outcome } from './failures.ts';
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
 * cores idle. Prints what a batch said when it is through, never mixed with another's. Returns what came of all.
 */
export async function runBatches({ batches, lanes, print, signal }: BatchesRun): Promise<Outcome> {
  const waiting = [...batches];
  const outcomes: Outcome[] = [];

  async function work(env: Record<string, string>): Promise<void> {
    for (let batch = waiting.shift(); batch !== undefined && !signal.aborted; batch = waiting.shift()) {
      const started = performance.now();
      let output = '';
      outcomes.push(await runMocha({ files: batch.files, env, signal, collect: (text) => (output += text) }));
      print(`\n── ${batch.name} (${((performance.now() - started) / 1_000).toFixed(0)} s)\n${output.trimEnd()}`);
    }
  }

  await Promise.all(lanes.map(work));
  return addOutcomes(...outcomes);
}
