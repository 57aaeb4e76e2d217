import { cpus, loadavg, release, totalmem } from 'node:os';
import type { BenchResult } from './performanceTable.ts';
import { rounded } from './figures.ts';

/** What else ran on this machine when the benchmark was started. */
const loadBefore = rounded(loadavg()[0] ?? 0);

/** Where it was measured, for a result file. */
export const machine = (): BenchResult['machine'] => ({
  cpus: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  memory_gb: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
  load_average_before: loadBefore,
});
