import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Why a proof of who somebody is was refused: it was wrong, or there were too many wrong ones for the account or from the network. */
export const SIGN_IN_REFUSALS = ['password', 'second_factor', 'account_locked', 'network_locked'] as const;
export type SignInRefusal = (typeof SIGN_IN_REFUSALS)[number];
/** What a reported text was; refused: the report itself, for its signature. */
const LEAK_REPORTS = ['genuine', 'unknown', 'refused'] as const;

/** Metrics of one process, in a registry of its own. No label ever names a tenant. */
export interface Metrics {
  registry: Registry;
  httpDuration: Histogram<'operation' | 'status'>;
  httpInFlight: Gauge;
  rateLimited: Counter;
  /** Requests in one commit of the event publisher. */
  publishBatch: Histogram;
  keyUsageDropped: Counter;
  signInsRefused: Counter<'reason'>;
  refreshTokensReused: Counter;
  leakReports: Counter<'outcome'>;
}

const LATENCY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    httpDuration: new Histogram({
      name: 'artisan_http_request_duration_seconds',
      help: 'Time from the first byte of a request to its answer, by operation id and status class',
      labelNames: ['operation', 'status'],
      buckets: LATENCY_SECONDS,
      registers,
    }),
    httpInFlight: new Gauge({ name: 'artisan_http_requests_in_flight', help: 'Requests that are being answered', registers }),
    rateLimited: new Counter({ name: 'artisan_http_rate_limited_total', help: 'Requests refused with 429', registers }),
    publishBatch: new Histogram({
      name: 'artisan_publish_batch_requests',
      help: 'Requests that one commit of the event publisher carries',
      buckets: BATCH_SIZES,
      registers,
    }),
    keyUsageDropped: new Counter({
      name: 'artisan_api_key_usage_dropped_total',
      help: 'Requests that usage of API keys does not count, because Postgres was away for too long',
      registers,
    }),
    ...abuseMetrics(registers),
  };
}

/** Every value of a label is there from the start: Prometheus sees no increase in a series that begins with it. */
function abuseMetrics(registers: Registry[]): Pick<Metrics, 'signInsRefused' | 'refreshTokensReused' | 'leakReports'> {
  const signInsRefused = new Counter({
    name: 'artisan_sign_ins_refused_total',
    help: 'Refused proofs of who somebody is: passwords and second factors, by reason',
    labelNames: ['reason'],
    registers,
  });
  const leakReports = new Counter({
    name: 'artisan_leak_reports_total',
    help: 'Texts that were reported as leaked keys, by what they were, and refused reports',
    labelNames: ['outcome'],
    registers,
  });
  for (const reason of SIGN_IN_REFUSALS) signInsRefused.inc({ reason }, 0);
  for (const outcome of LEAK_REPORTS) leakReports.inc({ outcome }, 0);
  return {
    signInsRefused,
    leakReports,
    refreshTokensReused: new Counter({
      name: 'artisan_refresh_tokens_reused_total',
      help: 'Sessions that ended because a refresh token was used again later: it may have been stolen',
      registers,
    }),
  };
}
