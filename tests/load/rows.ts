/** Named numbers of one measurement. */
export type Figures = Record<string, number>;

export const MEASUREMENTS = [
  'burst',
  'fanOut',
  'memory',
  'publishAlone',
  'drain',
  'steady',
  'idle',
  'isolation',
  'fairness',
  'crashes',
  'sparse',
] as const;
export type Measurement = (typeof MEASUREMENTS)[number];

/** One line of the bar: what is measured, the best peer on the same machine, and the goal. The table of docs/performance.md has the same lines. */
export interface Row {
  /** For `--only`. */
  key: string;
  figure: string;
  peer: string;
  goal: string;
  measurement: Measurement;
  /** What a person reads of the medians; `raw` is the rate of signed POSTs of the run. */
  measured: (figures: Figures, raw: number) => string;
  holds: (figures: Figures, raw: number) => boolean;
}

const NOBODY = 'not published by anyone';
const at = (figures: Figures, name: string): number => figures[name] ?? Number.NaN;
const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en-US')}/s`;
const ms = (value: number): string => `${value.toFixed(1)} ms`;
const share = (figures: Figures, raw: number): number => at(figures, 'deliveries_per_second') / raw;
const slowdown = (figures: Figures): number => at(figures, 'others_p99_ms_hanging') / at(figures, 'others_p99_ms');

const RATES: Row[] = [
  {
    key: 'deliver',
    figure: 'publish + deliver, 20,000 events, 1 endpoint',
    peer: '760–960/s',
    goal: '≥ 4,000/s end to end',
    measurement: 'burst',
    measured: (f) => perSecond(at(f, 'deliveries_per_second')),
    holds: (f) => at(f, 'deliveries_per_second') >= 4_000,
  },
  {
    key: 'fan-out',
    figure: 'the same, fan-out to 10 endpoints',
    peer: '1,990–2,510 deliveries/s',
    goal: '≥ 8,000 deliveries/s',
    measurement: 'fanOut',
    measured: (f) => `${perSecond(at(f, 'deliveries_per_second')).replace('/s', '')} deliveries/s`,
    holds: (f) => at(f, 'deliveries_per_second') >= 8_000,
  },
  {
    key: 'publish',
    figure: 'publish alone (worker stopped)',
    peer: '1,730–2,075/s',
    goal: '≥ 6,000/s',
    measurement: 'publishAlone',
    measured: (f) => perSecond(at(f, 'publish_per_second')),
    holds: (f) => at(f, 'publish_per_second') >= 6_000,
  },
  {
    key: 'drain',
    figure: 'drain of a 50,000 backlog, 10 endpoints',
    peer: '2,200–2,660/s',
    goal: '≥ 7,500/s and ≥ 0.35 × the raw signed-POST rate of the run',
    measurement: 'drain',
    measured: (f, raw) => `${perSecond(at(f, 'deliveries_per_second'))}, ${share(f, raw).toFixed(2)} × raw (${perSecond(raw)})`,
    holds: (f, raw) => at(f, 'deliveries_per_second') >= 7_500 && share(f, raw) >= 0.35,
  },
];

const LATENCIES: Row[] = [
  {
    key: 'accept',
    figure: 'accept at 50/s',
    peer: 'p50 2.5 ms',
    goal: 'p50 ≤ 3 ms, p99 ≤ 15 ms',
    measurement: 'steady',
    measured: (f) => `p50 ${ms(at(f, 'accept_p50_ms'))}, p99 ${ms(at(f, 'accept_p99_ms'))}`,
    holds: (f) => at(f, 'accept_p50_ms') <= 3 && at(f, 'accept_p99_ms') <= 15,
  },
  {
    key: 'warm',
    figure: 'publish → receipt at 50/s, endpoint warm',
    peer: 'p50 3–4 ms, p99 8–15 ms',
    goal: 'p50 ≤ 6 ms, p99 ≤ 20 ms',
    measurement: 'steady',
    measured: (f) => `p50 ${ms(at(f, 'receipt_p50_ms'))}, p99 ${ms(at(f, 'receipt_p99_ms'))}`,
    holds: (f) => at(f, 'receipt_p50_ms') <= 6 && at(f, 'receipt_p99_ms') <= 20,
  },
  {
    key: 'idle',
    figure: 'publish → receipt, endpoint idle before',
    peer: '–',
    goal: 'p50 ≤ 50 ms',
    measurement: 'idle',
    measured: (f) => `p50 ${ms(at(f, 'receipt_p50_ms'))}, p99 ${ms(at(f, 'receipt_p99_ms'))}`,
    holds: (f) => at(f, 'receipt_p50_ms') <= 50,
  },
];

const PROMISES: Row[] = [
  {
    key: 'isolation',
    figure: 'isolation: 1 endpoint of 100 hangs 30 s, 300/s in all',
    peer: NOBODY,
    goal: 'p99 of the other 99 ≤ 1.5 × without it',
    measurement: 'isolation',
    measured: (f) => `${slowdown(f).toFixed(2)} × (${ms(at(f, 'others_p99_ms_hanging'))} with it, ${ms(at(f, 'others_p99_ms'))} without)`,
    holds: (f) => slowdown(f) <= 1.5,
  },
  {
    key: 'fairness',
    figure: 'fairness: single events beside another tenant’s backlog of 100,000',
    peer: NOBODY,
    goal: 'p95 at most 100 ms later than without it',
    measurement: 'fairness',
    measured: (f) => `p95 ${ms(at(f, 'p95_ms_beside_backlog'))} beside it, ${ms(at(f, 'p95_ms_alone'))} without`,
    holds: (f) => at(f, 'p95_ms_beside_backlog') - at(f, 'p95_ms_alone') <= 100,
  },
  {
    key: 'sparse',
    figure: '10,000 endpoints of 100 organizations, an event a minute each (167/s)',
    peer: NOBODY,
    goal: 'p99 ≤ 1 s, none leaves the express lane (our own goal)',
    measurement: 'sparse',
    measured: (f) => `p50 ${ms(at(f, 'p50_ms'))}, p99 ${ms(at(f, 'p99_ms'))}, ${at(f, 'left_the_express_lane')} left`,
    holds: (f) => at(f, 'p99_ms') <= 1_000 && at(f, 'left_the_express_lane') === 0,
  },
  {
    key: 'crashes',
    figure: '`kill -9` of API and worker every 5 s for 60 s under load',
    peer: NOBODY,
    goal: '0 lost, duplicates counted and < 1 %',
    measurement: 'crashes',
    measured: (f) => `${at(f, 'lost')} lost, ${at(f, 'duplicates')} duplicates of ${at(f, 'accepted')} (${at(f, 'kills')} kills)`,
    holds: (f) => at(f, 'lost') === 0 && at(f, 'duplicates') < at(f, 'accepted') / 100,
  },
  {
    key: 'memory',
    figure: 'memory at full rate',
    peer: '370–400 MB',
    goal: 'API ≤ 250 MB, worker ≤ 400 MB RSS',
    measurement: 'memory',
    measured: (f) => `API ${at(f, 'api_rss_mb')} MB, worker ${at(f, 'worker_rss_mb')} MB`,
    holds: (f) => at(f, 'api_rss_mb') <= 250 && at(f, 'worker_rss_mb') <= 400,
  },
];

export const ROWS: Row[] = [...RATES, ...LATENCIES, ...PROMISES];

/** What `--suite short` measures. */
export const SHORT: string[] = ['deliver', 'accept', 'warm', 'memory'];
