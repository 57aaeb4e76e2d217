import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../support/testFiles.ts';
import { machine } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { withPerformanceTable } from './performanceTable.ts';
import type { BenchResult, Measured, MeasuredRow } from './performanceTable.ts';
import { textTable } from './textTable.ts';

const PAGE = 'docs/performance.md';
const CPU = /^cpu_us_per_(event|delivery)_/;

/** Prints what was measured, and writes it: a whole run on docs/performance.md and beside it, anything less to .data. */
export function report(options: BenchOptions, measured: Measured, raw: BenchResult['raw_signed_posts_per_second']): void {
  const rows = options.rows.map((row): MeasuredRow => {
    const { key, figure, peer, goal, measurement } = row;
    const { medians, fault } = measured[measurement] ?? { medians: {}, fault: 'not measured' };
    if (fault !== undefined) return { key, figure, peer, goal, measured: `failed: ${fault}`, holds: false };
    return { key, figure, peer, goal, measured: row.measured(medians, raw.median), holds: row.holds(medians, raw.median) };
  });
  const at = new Date().toISOString();
  const result: BenchResult = {
    suite: 'webhooks',
    at,
    machine: machine(),
    configuration: configuration(options),
    raw_signed_posts_per_second: raw,
    rows,
    figures: measured,
  };
  print(result);
  const whole = options.full && options.out === undefined;
  const file = options.out ?? join(whole ? 'docs/results' : '.data/bench', `${at.slice(0, 10)}-webhooks.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  if (whole) writeFileSync(join(projectRoot, PAGE), withPerformanceTable(readFileSync(join(projectRoot, PAGE), 'utf8'), result, file));
  console.log(`written to ${file}${whole ? ` and ${PAGE}` : ''}`);
}

function configuration({ events, runs, publishers, steadySeconds, crashSeconds, logLevel }: BenchOptions): BenchResult['configuration'] {
  return {
    events,
    runs,
    publishers,
    steady_seconds: steadySeconds,
    crash_seconds: crashSeconds,
    payload_bytes: 500,
    max_in_flight: 10,
    log_level: logLevel,
    postgres: 'embedded 17, fsync on',
    temporal: 'dev server, SQLite WAL, synchronous FULL',
    workflows: 'prebuilt bundle',
    node_env: 'development, because production refuses receivers on loopback; nothing on the path of a request or a delivery depends on it',
  };
}

function print({ rows, figures, raw_signed_posts_per_second: raw }: BenchResult): void {
  const cells = rows.map(({ figure, peer, goal, measured, holds }) => [figure, peer, goal, measured, holds ? 'yes' : 'NO']);
  console.log(`\n${textTable([['figure', 'peer', 'goal', 'measured', 'holds'], ...cells])}`);
  console.log(`\nraw signed POSTs: ${raw.median}/s (${raw.rates.join(', ')})`);
  const costs = Object.entries(figures).flatMap(([name, { medians }]) => {
    const cpu = Object.entries(medians).filter(([figure]) => CPU.test(figure));
    const each = CPU.exec(cpu[0]?.[0] ?? '')?.[1];
    return each === undefined ? [] : [[`${name}, µs per ${each}`, ...cpu.map(([figure, value]) => `${figure.replace(CPU, '')} ${value}`)]];
  });
  if (costs.length > 0) console.log(`\nCPU time\n${textTable(costs)}`);
  console.log(`\n${JSON.stringify(Object.fromEntries(Object.entries(figures).map(([name, { medians }]) => [name, medians])), null, 1)}`);
}
