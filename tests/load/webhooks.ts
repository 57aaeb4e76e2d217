import { setTimeout as sleep } from 'node:timers/promises';
import { Bench } from './bench.ts';
import { measureCrashes } from './crashes.ts';
import { measureFairness } from './fairness.ts';
import { median, medians, rounded } from './figures.ts';
import { measureIsolation } from './isolation.ts';
import { measureIdle, measureSteady } from './latencies.ts';
import { measureMemory } from './memory.ts';
import { readOptions } from './options.ts';
import { measureBurst, measureDrain, measureFanOut, measurePublishAlone } from './rates.ts';
import { rawPostsPerSecond } from './rawPosts.ts';
import type { Measured } from './performanceTable.ts';
import { measureSparse } from './sparse.ts';
import { report } from './report.ts';
import { MEASUREMENTS } from './rows.ts';
import type { Figures, Measurement } from './rows.ts';

// `npm run bench:webhooks -- --help`: everything on this one machine, in one run.

const RAW_SECONDS = 3;
const PAUSE_MS = 1_000;
const WARM_UP_EVENTS = 5_000;

const HOW: Record<Measurement, { measure: (bench: Bench) => Promise<Figures>; once?: boolean }> = {
  burst: { measure: (bench) => measureBurst(bench) },
  fanOut: { measure: measureFanOut },
  memory: { measure: measureMemory, once: true },
  publishAlone: { measure: measurePublishAlone },
  drain: { measure: measureDrain },
  steady: { measure: measureSteady },
  idle: { measure: measureIdle },
  isolation: { measure: measureIsolation, once: true },
  sparse: { measure: measureSparse, once: true },
  fairness: { measure: measureFairness, once: true },
  crashes: { measure: measureCrashes, once: true },
};

const options = readOptions();
const bench = await Bench.start(options);
try {
  // Everything has run once, and V8 has compiled it, before anything counts.
  await measureBurst(bench, 1, Math.min(WARM_UP_EVENTS, options.events));
  await rawRate();
  const raw = [await rawRate()];
  const measured: Measured = {};
  for (const measurement of MEASUREMENTS) if (options.rows.some((row) => row.measurement === measurement)) await measure(measurement);
  raw.push(await rawRate());
  report(options, measured, { rates: raw, median: rounded(median(raw)) });
  if (Object.values(measured).some(({ fault }) => fault !== undefined)) process.exitCode = 1;

  async function measure(measurement: Measurement): Promise<void> {
    const { measure: run, once = false } = HOW[measurement];
    const runs: Figures[] = [];
    const startedAt = performance.now();
    try {
      for (let n = 0; n < (once ? 1 : options.runs); n += 1) {
        if (measurement === 'drain') raw.push(await rawRate());
        runs.push(await run(bench));
        await sleep(PAUSE_MS);
      }
      measured[measurement] = { medians: medians(runs), runs };
    } catch (error) {
      measured[measurement] = { medians: {}, runs, fault: firstLine(error) };
      await restartWorker();
    }
    console.log(`${measurement.padEnd(14)} ${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s`);
  }
} finally {
  await bench.stop();
}

/** A row that failed may have left it stopped; the next rows need it. */
async function restartWorker(): Promise<void> {
  const { worker } = bench.installation;
  await worker.stop().catch(() => undefined);
  await worker.start().catch(() => undefined);
}

/** A process that fails tells its whole log. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 200);
}

async function rawRate(): Promise<number> {
  return rounded(await rawPostsPerSecond(bench.sink.origins[0] ?? '', RAW_SECONDS, options.publishers));
}
