import { readFileSync } from 'node:fs';
import type { Bench } from './bench.ts';
import { median } from './figures.ts';
import { measureBurst } from './rates.ts';
import type { Figures } from './rows.ts';

const SAMPLE_EVERY_MS = 200;
const FAN_OUT = 10;

/**
 * Resident memory while bursts run at full rate to one endpoint and to ten, in processes that everything measured before has used:
 * the largest sample (`rss`), the median one, and the kernel's own high-water mark since the process started (`peak`).
 */
export async function measureMemory(bench: Bench): Promise<Figures> {
  const { api, worker } = bench.installation;
  const samples = { api: [] as number[], worker: [] as number[] };
  const timer = setInterval(() => {
    samples.api.push(statusMb(api.pid, 'VmRSS'));
    samples.worker.push(statusMb(worker.pid, 'VmRSS'));
  }, SAMPLE_EVERY_MS);
  try {
    await measureBurst(bench);
    await measureBurst(bench, FAN_OUT, Math.ceil(bench.options.events / FAN_OUT));
  } finally {
    clearInterval(timer);
  }
  return {
    api_rss_mb: Math.max(...samples.api),
    worker_rss_mb: Math.max(...samples.worker),
    api_rss_median_mb: median(samples.api),
    worker_rss_median_mb: median(samples.worker),
    api_peak_mb: statusMb(api.pid, 'VmHWM'),
    worker_peak_mb: statusMb(worker.pid, 'VmHWM'),
  };
}

function statusMb(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1] ?? 0) / 1_024);
}
