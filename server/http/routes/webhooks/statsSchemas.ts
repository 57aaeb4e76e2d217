import { z } from 'zod';
import { instant, moment } from '../../fields.ts';

const POINTS = 'At most 1,500 intervals. Widened to whole ones.';

export const StatsQuery = z.strictObject({
  interval: z
    .enum(['minute', 'hour', 'day'], 'must be minute, hour or day')
    .default('hour')
    .describe('Width of a point of the series, in UTC. Minutes are kept for 7 days, hours for 90, days as long as the plan says.'),
  from: moment().optional().describe(`Begin (RFC 3339). Default: 60 minutes, 24 hours or 30 days before the end. ${POINTS}`),
  to: moment().optional().describe('End (RFC 3339), not included. Default: now.'),
});

const duration = (what: string) => z.number().nullable().describe(`${what}, milliseconds; null: nothing was measured.`);

const counts = {
  attempts: z.int().describe('Requests that were made, whatever came of them.'),
  succeeded: z.int().describe('Attempts that were answered with 2xx: as many deliveries arrived.'),
  failed: z.int().describe('Attempts that failed.'),
  interrupted: z.int().describe('Attempts that our own process broke off (`interrupted`, `worker_lost`): neither succeeded nor failed.'),
  success_rate: z.number().nullable().describe('succeeded / (succeeded + failed), from 0 to 1; null while both are 0.'),
  deliveries: z.int().describe('Deliveries that were tried for the first time.'),
  duration_ms: z
    .object({ mean: duration('Mean'), p50: duration('Median'), p95: duration('95th percentile'), p99: duration('99th percentile') })
    .describe(
      'How long attempts took that succeeded or failed. Counts and means are exact; percentiles are exact below 128 ms and within 0.8 % above.',
    ),
};

export const AttemptStats = z
  .object({
    interval: z.enum(['minute', 'hour', 'day']),
    from: instant(),
    to: instant(),
    complete_until: instant().describe('Every attempt that was on record by then is counted: mostly now.'),
    totals: z.object({
      ...counts,
      by_error_code: z.record(z.string(), z.int()).describe('Failed and interrupted attempts by `error_code`.'),
      by_status_class: z
        .record(z.string(), z.int())
        .describe('Attempts by class of the answer: `2xx`, `3xx`, `4xx`, `5xx`; `none` without an answer.'),
    }),
    series: z
      .array(z.object({ start: instant(), ...counts }))
      .describe('A point for each interval, oldest first, also where nothing happened.'),
  })
  .meta({ id: 'AttemptStats' });
