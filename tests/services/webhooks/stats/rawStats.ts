import type { Knex } from 'knex';
import { durationBucketSql } from '../../../../db/queries/durationBuckets.ts';

interface Scope {
  orgId: string;
  endpointIds: string[];
  interval: 'minute' | 'hour' | 'day';
  from: Date;
  to: Date;
}

export interface RawPoint {
  start: Date;
  attempts: number;
  succeeded: number;
  failed: number;
  started: number;
  /** Buckets. */
  quantiles: number[] | null;
  /** Milliseconds, by percentile_disc over the attempts themselves. */
  exact: number[] | null;
  mean: number | null;
}

const TIME = `to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)`;
const COUNTED = `error_code IS DISTINCT FROM 'interrupted' AND error_code IS DISTINCT FROM 'worker_lost'`;
const QUANTILES = `percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP`;

/** The same figures straight from the attempts, without anything rolled up. The last row is that of all together. */
export async function rawStats(system: Knex, { orgId, endpointIds, interval, from, to }: Scope): Promise<RawPoint[]> {
  const { rows } = await system.raw<{ rows: RawPoint[] }>(
    `SELECT date_trunc(?, ${TIME}, 'UTC') AS start, count(*)::int AS attempts,
            count(*) FILTER (WHERE error_code IS NULL)::int AS succeeded,
            count(*) FILTER (WHERE error_code IS NOT NULL AND ${COUNTED})::int AS failed,
            count(*) FILTER (WHERE number = 1)::int AS started,
            ${QUANTILES} (ORDER BY ${durationBucketSql('duration_ms')}) FILTER (WHERE ${COUNTED}) AS quantiles,
            ${QUANTILES} (ORDER BY duration_ms) FILTER (WHERE ${COUNTED}) AS exact,
            round(avg(duration_ms) FILTER (WHERE ${COUNTED}), 1)::float8 AS mean
       FROM delivery_attempts
      WHERE org_id = ? AND endpoint_id = ANY(?::uuid[]) AND ${TIME} >= ? AND ${TIME} < ?
      GROUP BY GROUPING SETS ((1), ()) ORDER BY 1 NULLS LAST`,
    [interval, orgId, endpointIds, from, to],
  );
  return rows;
}

/** Error code, hundreds of the status, how many. */
export async function rawResults(system: Knex, { orgId, endpointIds, from, to }: Omit<Scope, 'interval'>): Promise<unknown[]> {
  const { rows } = await system.raw<{ rows: { error_code: string | null; class: number | null; n: number }[] }>(
    `SELECT error_code, status_code / 100 AS class, count(*)::int AS n FROM delivery_attempts
      WHERE org_id = ? AND endpoint_id = ANY(?::uuid[]) AND ${TIME} >= ? AND ${TIME} < ? GROUP BY 1, 2`,
    [orgId, endpointIds, from, to],
  );
  return rows.map((row) => [row.error_code, row.class, row.n]);
}
