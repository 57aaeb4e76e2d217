import { ROWS } from './rows.ts';
import type { Figures, Measurement, Row } from './rows.ts';

/** The medians of a measurement and each of its runs; `fault` says why it could not be finished. */
export type Measured = Partial<Record<Measurement, { medians: Figures; runs: Figures[]; fault?: string }>>;

export type MeasuredRow = Pick<Row, 'key' | 'figure' | 'peer' | 'goal'> & { measured: string; holds: boolean };

/** A result file of docs/results. */
export interface BenchResult {
  suite: 'webhooks';
  /** RFC 3339. */
  at: string;
  machine: { cpus: number; model: string; memory_gb: number; kernel: string; node: string; load_average_before: number };
  configuration: Record<string, string | number>;
  raw_signed_posts_per_second: { rates: number[]; median: number };
  rows: MeasuredRow[];
  figures: Measured;
}

const START = '<!-- figures: written by `npm run bench:webhooks -- --suite full` -->';
const END = '<!-- end of figures -->';

/** The page with the table of this result in the place of the former one. Throws when it has lost its markers. */
export function withPerformanceTable(page: string, result: BenchResult, file: string): string {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start === -1 || end < start) throw new Error(`docs/performance.md must have a line ${START} and after it ${END}`);
  return `${page.slice(0, start)}${START}\n\n${performanceTable(result, file)}\n\n${page.slice(end)}`;
}

/** What stands between the markers: the bar, where and when it was measured, and what it cost. `file` is relative to the project. */
export function performanceTable(result: BenchResult, file: string): string {
  const { rows, at, machine, configuration, raw_signed_posts_per_second: raw } = result;
  const lines = rows.map((row) => [row.figure, row.peer, row.goal, row.measured, row.holds ? 'yes' : '**no**']);
  const where = `${machine.cpus} cores (${machine.model}), ${machine.memory_gb} GB, Node ${machine.node}, load average before the run ${machine.load_average_before}`;
  const burst = `${Number(configuration['events']).toLocaleString('en-US')} events a burst`;
  return [
    markdownTable(['figure', 'peer', 'goal', 'measured', 'holds'], lines),
    `${at.slice(0, 10)}, ${where}; ${burst}, runs: ${configuration['runs']}, the median counts; raw signed POSTs: ${Math.round(raw.median).toLocaleString('en-US')}/s. [All figures of the run](${file.replace(/^docs\//, '')}).`,
    'Microseconds of CPU that one event (`publish`) or one delivery (the others) cost each process, and the rate at which their sum fills all cores:',
    markdownTable(['', ...COSTS.map(([, title]) => title), 'sum', 'at most'], costs(result)),
  ].join('\n\n');
}

const COSTS = [
  ['api', 'API'],
  ['worker', 'worker'],
  ['postgres', 'Postgres'],
  ['temporal', 'Temporal'],
  ['sink', 'receivers'],
  ['generator', 'publishers'],
] as const;

function costs({ rows, figures, machine }: BenchResult): string[][] {
  const measured = ROWS.filter(({ key }) => rows.some((row) => row.key === key));
  const firsts = measured.filter(({ measurement }, index) => measured.findIndex((row) => row.measurement === measurement) === index);
  return firsts.flatMap(({ key, measurement }) => {
    const medians = figures[measurement]?.medians ?? {};
    const micros = COSTS.map(([name]) => medians[`cpu_us_per_delivery_${name}`] ?? medians[`cpu_us_per_event_${name}`]);
    if (micros.some((value) => value === undefined)) return [];
    const sum = micros.reduce<number>((total, value) => total + (value ?? 0), 0);
    const atMost = Math.round((machine.cpus * 1e6) / sum).toLocaleString('en-US');
    return [[`\`${key}\``, ...micros.map((value) => String(Math.round(value ?? 0))), String(Math.round(sum)), `${atMost}/s`]];
  });
}

const markdownTable = (head: string[], lines: string[][]): string =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
