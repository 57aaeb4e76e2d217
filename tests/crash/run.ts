import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleWorkflowCode } from '@temporalio/worker';
import { quietLogger, WORKFLOWS_PATH } from '../../activities/workflowBundle.ts';
import { crashRun, RETRY_DELAY_SECONDS } from './crashRun.ts';
import type { CrashResult } from './crashRun.ts';
import { killSchedule } from './schedule.ts';

// `npm run test:crash -- --seed 1,2,3 --seconds 60 --rate 200 [--out docs/results/…]`: kill -9 of every process at random points
// under load. The kills are a function of the seed. Exits 1 when a guarantee did not hold, and in any case by a hard deadline.

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '200' },
    lease: { type: 'string', default: '30' },
    out: { type: 'string' },
  },
});
const seconds = Number(options.seconds);
const perSecond = Number(options.rate);
const leaseSeconds = Number(options.lease);
/** A run's own waits end after three minutes and the load; the servers need time to start and stop. */
const RUN_DEADLINE_MS = seconds * 1_000 + 330_000;

const bundlePath = join(mkdtempSync(join(tmpdir(), 'artisan-crash-')), 'workflows.js');
process.once('exit', () => rmSync(dirname(bundlePath), { recursive: true, force: true }));
const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH, logger: quietLogger });
writeFileSync(bundlePath, code);

const runs: CrashResult[] = [];
for (const seed of options.seed.split(',').map(Number)) {
  console.log(`seed ${seed}: ${perSecond} events/s for ${seconds} s`);
  for (const { atMs, victim, downMs } of killSchedule(seed, seconds))
    console.log(`  ${(atMs / 1_000).toFixed(2).padStart(6)} s  kill -9 ${victim}, started again after ${downMs} ms`);
  const deadline = setTimeout(() => giveUp(seed), RUN_DEADLINE_MS);
  const run = await crashRun({ seed, seconds, perSecond, leaseSeconds, bundlePath });
  clearTimeout(deadline);
  console.log(JSON.stringify({ ...run, schedule: undefined }, null, 2));
  console.log(run.faults.length === 0 ? `seed ${seed}: every guarantee held` : `seed ${seed}: ${run.faults.join('; ')}`);
  runs.push(run);
}
if (options.out !== undefined) write(options.out);
process.exitCode = runs.every(({ faults }) => faults.length === 0) ? 0 : 1;

/** The processes end with this one: API and worker with their channel, the servers by the death signal of their parent. */
function giveUp(seed: number): never {
  console.log(`seed ${seed}: not over after ${RUN_DEADLINE_MS / 1_000} s`);
  process.exit(2);
}

function write(file: string): void {
  const result = {
    suite: 'crash-matrix',
    at: new Date().toISOString(),
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model ?? 'unknown',
      memory_gb: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      node: process.version,
    },
    configuration: {
      seconds,
      events_per_second: perSecond,
      endpoints: 4,
      max_in_flight: 10,
      lease_seconds: leaseSeconds,
      retry_delay_seconds: RETRY_DELAY_SECONDS,
      victims: 'API, worker, Temporal, postmaster: kill -9',
      postgres: 'embedded 17, fsync on',
      temporal: 'dev server, SQLite WAL, synchronous FULL',
    },
    runs,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`written to ${file}`);
}
