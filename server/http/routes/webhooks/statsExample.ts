/** Of the endpoint that the examples tell of: two hours, the second with an outage. */
const HOURS = [
  {
    start: '2026-11-02T08:00:00.000Z',
    attempts: 180,
    succeeded: 180,
    failed: 0,
    interrupted: 0,
    success_rate: 1,
    deliveries: 180,
    duration_ms: { mean: 34.2, p50: 29, p95: 74, p99: 148 },
  },
  {
    start: '2026-11-02T09:00:00.000Z',
    attempts: 240,
    succeeded: 220,
    failed: 20,
    interrupted: 0,
    success_rate: 0.9167,
    deliveries: 222,
    duration_ms: { mean: 61.8, p50: 31, p95: 182, p99: 1031 },
  },
];

export const STATS_EXAMPLE = {
  interval: 'hour',
  from: '2026-11-02T08:00:00.000Z',
  to: '2026-11-02T10:00:00.000Z',
  complete_until: '2026-11-02T09:31:05.218Z',
  totals: {
    attempts: 420,
    succeeded: 400,
    failed: 20,
    interrupted: 0,
    success_rate: 0.9524,
    deliveries: 402,
    duration_ms: { mean: 50, p50: 30, p95: 146, p99: 907 },
    by_error_code: { http_status: 18, timeout: 2 },
    by_status_class: { '2xx': 400, '5xx': 18, none: 2 },
  },
  series: HOURS,
};
