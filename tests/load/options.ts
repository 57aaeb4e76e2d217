import { parseArgs } from 'node:util';
import { ROWS, SHORT } from './rows.ts';
import type { Row } from './rows.ts';

/** What one run of the benchmark does. */
export interface BenchOptions {
  rows: Row[];
  /** Every row of the bar. */
  full: boolean;
  /** Of a burst; a drain has two and a half times as many deliveries, a backlog of fairness five times. */
  events: number;
  /** How often each rate and latency is measured; the median counts. */
  runs: number;
  publishers: number;
  steadySeconds: number;
  crashSeconds: number;
  /** Writes a V8 CPU profile of each API and worker process that ends in order. */
  profile: boolean;
  logLevel: string;
  out: string | undefined;
}

const HELP = `npm run bench:webhooks -- [options]
  --suite short|full      short (default): ${SHORT.join(', ')}; full: every row of the bar
  --only a,b              these rows alone: ${ROWS.map(({ key }) => key).join(', ')}
  --events 20000          events of a burst, also scales backlogs
  --runs 3                runs of each measurement; the median counts
  --publishers 64         requests that publish at the same time
  --steady-seconds 20     length of each measurement at a fixed rate
  --crash-seconds 60      how long API and worker are killed every 5 s
  --profile               CPU profiles to .data/profiles; read them with node tests/load/topSelfTime.ts
  --log-level warn        LOG_LEVEL of API and worker
  --out file              where the result goes`;

/** Reads the command line; prints help and ends the process when asked to. Throws on an unknown row or a wrong number. */
export function readOptions(): BenchOptions {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      suite: { type: 'string', default: 'short' },
      only: { type: 'string' },
      events: { type: 'string', default: '20000' },
      runs: { type: 'string', default: '3' },
      publishers: { type: 'string', default: '64' },
      'steady-seconds': { type: 'string', default: '20' },
      'crash-seconds': { type: 'string', default: '60' },
      profile: { type: 'boolean', default: false },
      'log-level': { type: 'string', default: 'warn' },
      out: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const rows = chosenRows(values.suite, values.only);
  return {
    rows,
    full: rows.length === ROWS.length,
    events: positive('events', values.events),
    runs: positive('runs', values.runs),
    publishers: positive('publishers', values.publishers),
    steadySeconds: positive('steady-seconds', values['steady-seconds']),
    crashSeconds: positive('crash-seconds', values['crash-seconds']),
    profile: values.profile,
    logLevel: values['log-level'],
    out: values.out,
  };
}

function chosenRows(suite: string, only: string | undefined): Row[] {
  if (suite !== 'short' && suite !== 'full') throw new Error(`--suite is short or full, not ${suite}`);
  const keys = only?.split(',') ?? (suite === 'full' ? ROWS.map(({ key }) => key) : SHORT);
  const unknown = keys.filter((key) => !ROWS.some((row) => row.key === key));
  if (unknown.length > 0) throw new Error(`no such row: ${unknown.join(', ')}; there are ${ROWS.map(({ key }) => key).join(', ')}`);
  return ROWS.filter(({ key }) => keys.includes(key));
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} is a whole number of at least 1, not ${text}`);
  return value;
}
