import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { TestTenant } from '../support/tenant.ts';
import { medians, percentile, rounded } from './figures.ts';
import { Publisher } from './publish.ts';
import { rawPostsPerSecond } from './rawPosts.ts';
import { cpuSeconds, ownCpuSeconds } from './cpuTime.ts';
import { Sink } from './sinkProcess.ts';

// `npm run bench:webhooks [-- --events 20000 --runs 3 --out docs/results/…]`: everything on this one machine, in one run.

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '20000' },
    runs: { type: 'string', default: '3' },
    publishers: { type: 'string', default: '64' },
    'steady-seconds': { type: 'string', default: '10' },
    profile: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const EVENTS = Number(options.events);
const RUNS = Number(options.runs);
const PUBLISHERS = Number(options.publishers);
const STEADY_SECONDS = Number(options['steady-seconds']);
const STEADY_PER_SECOND = 50;

const profile = options.profile ? ['--cpu-prof', '--cpu-prof-dir=.data/profiles'] : [];
const installation = await createInstallation({
  env: { WEBHOOK_LINGER_SECONDS: '5', WEBHOOK_LEASE_SECONDS: '30', LOG_LEVEL: 'warn', NODE_ENV: 'development' },
  apiArgs: profile,
  workerArgs: profile,
});
const sink = await Sink.start();
try {
  await Promise.all([installation.api.start(), installation.worker.start()]);
  const tenant = await TestTenant.create(installation.database);
  await tenant.webhook({ url: sink.url, maxInFlight: 10 });
  report(await measure(installation, tenant.key));
} finally {
  sink.stop();
  await installation.dispose();
}

async function measure({ api, worker }: Installation, apiKey: string) {
  const raw = await rawPostsPerSecond(sink.url, 3, PUBLISHERS);
  await burst(api.url, apiKey, 2_000);
  const bursts = [];
  const steady = [];
  for (let run = 0; run < RUNS; run += 1) {
    bursts.push(await burst(api.url, apiKey, EVENTS));
    await sleep(1_000);
    steady.push(await steadily(api.url, apiKey));
  }
  const memory = { api_rss_mb: rssMb(api.pid), worker_rss_mb: rssMb(worker.pid) };
  return { raw_signed_posts_per_second: rounded(raw), burst: medians(bursts), steady: medians(steady), memory, runs: { bursts, steady } };
}

/** As many events as possible: publish rate, and rate from the first publish to the last receipt. */
async function burst(apiUrl: string, apiKey: string, events: number) {
  const publisher = new Publisher(apiUrl, apiKey, PUBLISHERS);
  await sink.reset();
  const before = cpuOfAll();
  const startedAt = performance.timeOrigin + performance.now();
  const publishSeconds = await publisher.burst(events, PUBLISHERS);
  const { lastAt } = await sink.waitFor(events, 120_000);
  await publisher.close();
  return {
    publish_per_second: rounded(events / publishSeconds),
    end_to_end_per_second: rounded((events * 1_000) / (lastAt - startedAt)),
    accept_p50_ms: rounded(percentile(publisher.acceptMs, 0.5), 2),
    accept_p99_ms: rounded(percentile(publisher.acceptMs, 0.99), 2),
    ...cpuPerEvent(before, cpuOfAll(), events),
  };
}

function cpuOfAll(): Record<string, number> {
  const { api, worker, postgres, temporal } = installation;
  const pids = { api: api.pid, worker: worker.pid, postgres: postgres.pid(), temporal: temporal.pid(), sink: sink.pid };
  const others = Object.entries(pids).map(([name, pid]): [string, number] => [name, cpuSeconds(pid ?? 0)]);
  return { ...Object.fromEntries(others), generator: ownCpuSeconds() };
}

/** Microseconds of CPU that one event costs each process: the figure to watch on a machine that others use too. */
function cpuPerEvent(before: Record<string, number>, after: Record<string, number>, events: number): Record<string, number> {
  const micros = (name: string): number => rounded((((after[name] ?? 0) - (before[name] ?? 0)) * 1e6) / events);
  return Object.fromEntries(Object.keys(after).map((name) => [`cpu_us_per_event_${name}`, micros(name)]));
}

/** A fixed, low rate: what one request and one delivery take when nothing queues. */
async function steadily(apiUrl: string, apiKey: string) {
  const publisher = new Publisher(apiUrl, apiKey, 8);
  await sink.reset();
  await publisher.steady(STEADY_PER_SECOND, STEADY_SECONDS);
  const { latencies } = await sink.waitFor(STEADY_PER_SECOND * STEADY_SECONDS, 30_000);
  await publisher.close();
  return {
    accept_p50_ms: rounded(percentile(publisher.acceptMs, 0.5), 2),
    accept_p99_ms: rounded(percentile(publisher.acceptMs, 0.99), 2),
    receipt_p50_ms: rounded(percentile(latencies, 0.5), 2),
    receipt_p99_ms: rounded(percentile(latencies, 0.99), 2),
  };
}

function rssMb(pid: number | undefined): number {
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1] ?? 0) / 1_024);
}

function report(figures: Awaited<ReturnType<typeof measure>>): void {
  const result = {
    suite: 'webhooks',
    at: new Date().toISOString(),
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model ?? 'unknown',
      memory_gb: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      node: process.version,
    },
    configuration: {
      events: EVENTS,
      publishers: PUBLISHERS,
      payload_bytes: 500,
      endpoints: 1,
      max_in_flight: 10,
      steady_per_second: STEADY_PER_SECOND,
      postgres: 'embedded 17, fsync on',
      temporal: 'dev server, SQLite WAL, synchronous FULL',
    },
    figures,
    share_of_raw: rounded(figures.burst.end_to_end_per_second / figures.raw_signed_posts_per_second, 3),
  };
  console.log(JSON.stringify({ ...result, figures: { ...figures, runs: undefined } }, null, 2));
  const file = options.out ?? join('docs/results', `${result.at.slice(0, 10)}-webhooks.json`);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`written to ${file}`);
}
