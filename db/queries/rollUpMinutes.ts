import type { Transaction } from 'objection';
import { ALL_ENDPOINTS, COUNTS, countAttemptsSql } from './countAttempts.ts';

/** Of each column but the first: attempts are never taken away, so more of them is the newer count, and the same number is the same count. */
const REPLACE = COUNTS.split(', ')
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');
const KEEP_NEWER = `ON CONFLICT (org_id, resolution, starts_at, endpoint_id) DO UPDATE SET ${REPLACE} WHERE excluded.attempts > webhook_stats.attempts`;

/**
 * Counts the attempts of whole minutes, `from` included and `to` not, of all organizations, and puts the counts in the place of earlier
 * ones of those minutes. Runs as `artisan_system`. Returns how many attempts it read.
 */
export async function rollUpMinutes(trx: Transaction, from: Date, to: Date): Promise<number> {
  const { rows } = await trx.raw<{ rows: [{ attempts: number }] }>(
    `WITH counted AS MATERIALIZED (${countAttemptsSql()}), stored AS (
       INSERT INTO webhook_stats (org_id, endpoint_id, starts_at, resolution, ${COUNTS})
       SELECT org_id, endpoint_id, starts_at, 'minute', ${COUNTS} FROM counted ${KEEP_NEWER}
     )
     SELECT coalesce(sum(attempts), 0)::bigint AS attempts FROM counted`,
    { from, to },
  );
  if (rows[0].attempts > 0) await merge(trx, { finer: 'minute', coarser: 'minute', from, to, allEndpoints: true });
  return rows[0].attempts;
}

/** Adds up the counts of `finer` to those of `coarser`, for hours or days that lie wholly between `from` and `to`. */
export async function addUp(
  trx: Transaction,
  span: { finer: 'minute' | 'hour'; coarser: 'hour' | 'day'; from: Date; to: Date },
): Promise<void> {
  if (span.from < span.to) await merge(trx, { ...span, allEndpoints: false });
}

interface Merge {
  finer: string;
  coarser: string;
  from: Date;
  to: Date;
  /** Adds up the endpoints of each organization too, into the row that stands for all of them. */
  allEndpoints: boolean;
}

async function merge(trx: Transaction, { allEndpoints, ...span }: Merge): Promise<void> {
  const [endpoint, single] = allEndpoints ? [`'${ALL_ENDPOINTS}'::uuid`, `AND endpoint_id <> '${ALL_ENDPOINTS}'`] : ['endpoint_id', ''];
  await trx.raw(
    `WITH part AS MATERIALIZED (
       SELECT s.org_id, ${endpoint} AS endpoint_id, date_trunc(:coarser, s.starts_at, 'UTC') AS bin, ${COUNTS}
         FROM organizations AS o, LATERAL (
           SELECT * FROM webhook_stats WHERE org_id = o.id AND resolution = :finer AND starts_at >= :from AND starts_at < :to ${single}
         ) AS s
     ), result AS (
       SELECT org_id, bin, endpoint_id, error_code, status_class, sum(n)::int AS n
         FROM part, unnest(error_codes, status_classes, result_counts) AS one (error_code, status_class, n) GROUP BY 1, 2, 3, 4, 5
     ), duration AS (
       SELECT org_id, bin, endpoint_id, bucket, sum(n)::int AS n
         FROM part, unnest(duration_buckets, duration_counts) AS one (bucket, n) GROUP BY 1, 2, 3, 4
     ), results AS (
       SELECT org_id, bin, endpoint_id, array_agg(error_code ORDER BY error_code, status_class) AS error_codes,
              array_agg(status_class ORDER BY error_code, status_class) AS status_classes, array_agg(n ORDER BY error_code, status_class) AS result_counts
         FROM result GROUP BY 1, 2, 3
     ), durations AS (
       SELECT org_id, bin, endpoint_id, array_agg(bucket ORDER BY bucket) AS duration_buckets, array_agg(n ORDER BY bucket) AS duration_counts
         FROM duration GROUP BY 1, 2, 3
     ), sums AS (
       SELECT org_id, bin, endpoint_id, sum(attempts)::int AS attempts, sum(succeeded)::int AS succeeded, sum(failed)::int AS failed,
              sum(first_attempts)::int AS first_attempts, sum(duration_ms_sum)::bigint AS duration_ms_sum
         FROM part GROUP BY 1, 2, 3
     )
     INSERT INTO webhook_stats (org_id, endpoint_id, starts_at, resolution, ${COUNTS})
     SELECT org_id, endpoint_id, bin, :coarser, attempts, succeeded, failed, first_attempts, duration_ms_sum,
            error_codes, status_classes, result_counts, coalesce(duration_buckets, '{}'), coalesce(duration_counts, '{}')
       FROM sums JOIN results USING (org_id, bin, endpoint_id) LEFT JOIN durations USING (org_id, bin, endpoint_id)
     ${KEEP_NEWER}`,
    { ...span },
  );
}
