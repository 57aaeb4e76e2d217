import type { Transaction } from 'objection';
import { ALL_ENDPOINTS, COUNTS, countAttemptsSql } from './countAttempts.ts';

/** null: not narrowed down. */
export interface StatsScope {
  orgId: string;
  endpointId: string | null;
  /** Only attempts at endpoints of this workspace, deleted ones too. */
  workspaceId: string | null;
}

interface Span {
  from: Date;
  to: Date;
}

export interface StatsSources {
  resolution: 'minute' | 'hour' | 'day';
  /** Rolled-up counts to add up. The spans do not overlap. */
  stored: (Span & { resolution: 'minute' | 'hour' | 'day' })[];
  /** Whole minutes to count from the attempts themselves; null: none. */
  live: Span | null;
}

/** Counts of one point in time, or of all of them together. Buckets are those of durationBuckets.ts; null without a duration. */
export interface StatsRow {
  /** null: all together. */
  bin: Date | null;
  attempts: number;
  succeeded: number;
  failed: number;
  first_attempts: number;
  duration_ms_sum: number;
  durations: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Error code, hundreds of the status, how many; in the row of all together. */
  results: [code: string | null, statusClass: number | null, count: number][] | null;
}

/** Adds up what the sources hold. The first row is that of all together; then the points that have attempts, in order. */
export async function readStats(trx: Transaction, scope: StatsScope, { resolution, stored, live }: StatsSources): Promise<StatsRow[]> {
  const { rows } = await trx.raw<{ rows: StatsRow[] }>(statsSql(narrow(scope), live === null ? null : narrowLive(scope)), {
    orgId: scope.orgId,
    ...(scope.endpointId !== null && { endpointId: scope.endpointId }),
    ...(scope.workspaceId !== null && { workspaceId: scope.workspaceId }),
    resolution,
    resolutions: stored.map((span) => span.resolution),
    starts: stored.map((span) => span.from),
    ends: stored.map((span) => span.to),
    ...live,
  });
  return rows;
}

/** Of the attempts themselves. */
function narrowLive({ endpointId, workspaceId }: StatsScope): string {
  const conditions = ['org_id = :orgId'];
  if (endpointId !== null) conditions.push('endpoint_id = :endpointId');
  if (workspaceId !== null) {
    conditions.push('endpoint_id IN (SELECT id FROM webhook_endpoints WHERE org_id = :orgId AND workspace_id = :workspaceId)');
  }
  return conditions.join(' AND ');
}

/** Of what is rolled up, where all endpoints together are one row. */
const narrow = (scope: StatsScope): string =>
  scope.endpointId === null && scope.workspaceId === null ? `org_id = :orgId AND endpoint_id = '${ALL_ENDPOINTS}'` : narrowLive(scope);

const statsSql = (where: string, live: string | null): string => `
  WITH part AS (
    SELECT starts_at, ${COUNTS}
      FROM unnest(:resolutions::text[], :starts::timestamptz[], :ends::timestamptz[]) AS span (wanted, since, until),
           LATERAL (SELECT * FROM webhook_stats WHERE ${where} AND resolution = wanted AND starts_at >= since AND starts_at < until) AS s
    ${live === null ? '' : `UNION ALL SELECT starts_at, ${COUNTS} FROM (${countAttemptsSql(live)}) AS live`}
  ), binned AS MATERIALIZED (
    SELECT date_trunc(:resolution, starts_at, 'UTC') AS bin, ${COUNTS} FROM part
  ), sums AS (
    SELECT bin, coalesce(sum(attempts), 0)::bigint AS attempts, coalesce(sum(succeeded), 0)::bigint AS succeeded,
           coalesce(sum(failed), 0)::bigint AS failed, coalesce(sum(first_attempts), 0)::bigint AS first_attempts,
           coalesce(sum(duration_ms_sum), 0)::bigint AS duration_ms_sum
      FROM binned GROUP BY GROUPING SETS ((bin), ())
  ), duration AS (
    SELECT bin, bucket, sum(n)::bigint AS n FROM binned, unnest(duration_buckets, duration_counts) AS one (bucket, n)
     GROUP BY GROUPING SETS ((bin, bucket), (bucket))
  ), ranked AS (
    SELECT bin, bucket, sum(n) OVER (PARTITION BY bin ORDER BY bucket) AS upto, sum(n) OVER (PARTITION BY bin) AS total FROM duration
  ), quantiles AS (
    SELECT bin, max(total)::bigint AS durations,
           min(bucket) FILTER (WHERE upto >= ceil(0.5::float8 * total::float8)) AS p50,
           min(bucket) FILTER (WHERE upto >= ceil(0.95::float8 * total::float8)) AS p95,
           min(bucket) FILTER (WHERE upto >= ceil(0.99::float8 * total::float8)) AS p99
      FROM ranked GROUP BY bin
  ), result AS (
    SELECT error_code, status_class, sum(n)::bigint AS n
      FROM binned, unnest(error_codes, status_classes, result_counts) AS one (error_code, status_class, n) GROUP BY 1, 2
  )
  SELECT sums.*, durations, p50, p95, p99,
         CASE WHEN sums.bin IS NULL THEN (SELECT json_agg(json_build_array(error_code, status_class, n)) FROM result) END AS results
    FROM sums LEFT JOIN quantiles ON coalesce(quantiles.bin, '-infinity') = coalesce(sums.bin, '-infinity')
   ORDER BY sums.bin NULLS FIRST`;
