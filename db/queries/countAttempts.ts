import { durationBucketSql } from './durationBuckets.ts';

/** Codes of attempts that tell nothing of the endpoint: we stopped in mid-request, or our worker died. */
export const NOT_COUNTED = ['interrupted', 'worker_lost'] as const;

const NOT_COUNTED_SQL = NOT_COUNTED.map((code) => `'${code}'`).join(', ');

/** Stands for all endpoints of the organization together, in a row of its own. */
export const ALL_ENDPOINTS = '00000000-0000-0000-0000-000000000000';

/** Columns of webhook_stats that hold counts, in the order in which the SQL below gives them. */
export const COUNTS =
  'attempts, succeeded, failed, first_attempts, duration_ms_sum, error_codes, status_classes, result_counts, duration_buckets, duration_counts';

// In brackets, because knex takes `:from:` for the name of a column.
const [FROM, TO] = ['(:from)::timestamptz', '(:to)::timestamptz'];
// The first id of each minute: which of them an id reaches is its minute, without taking ids apart.
const MINUTES = `ARRAY(SELECT uuidv7_floor(start) FROM generate_series(${FROM}, ${TO} - interval '1 second', interval '1 minute') AS start)`;

/**
 * SQL that counts the attempts whose ids lie between the minutes `:from` and `:to`: a row (org_id, endpoint_id, starts_at, COUNTS) for each
 * minute and endpoint. One reading of the rows serves both groupings: by result and by duration. `where` narrows the attempts down.
 */
export const countAttemptsSql = (where = 'true'): string => `
  SELECT org_id, endpoint_id, ${FROM} + (minute - 1) * interval '1 minute' AS starts_at,
         sum(n) FILTER (WHERE of_result)::int AS attempts,
         coalesce(sum(n) FILTER (WHERE of_result AND error_code IS NULL), 0)::int AS succeeded,
         coalesce(sum(n) FILTER (WHERE of_result AND error_code NOT IN (${NOT_COUNTED_SQL})), 0)::int AS failed,
         sum(firsts) FILTER (WHERE of_result)::int AS first_attempts,
         coalesce(sum(ms) FILTER (WHERE NOT of_result AND bucket IS NOT NULL), 0)::bigint AS duration_ms_sum,
         array_agg(error_code ORDER BY error_code, status_class) FILTER (WHERE of_result) AS error_codes,
         array_agg(status_class ORDER BY error_code, status_class) FILTER (WHERE of_result) AS status_classes,
         array_agg(n ORDER BY error_code, status_class) FILTER (WHERE of_result) AS result_counts,
         coalesce(array_agg(bucket ORDER BY bucket) FILTER (WHERE NOT of_result AND bucket IS NOT NULL), '{}') AS duration_buckets,
         coalesce(array_agg(n ORDER BY bucket) FILTER (WHERE NOT of_result AND bucket IS NOT NULL), '{}') AS duration_counts
    FROM (SELECT org_id, endpoint_id, minute, error_code, status_class, bucket, grouping(bucket) = 1 AS of_result,
                 count(*)::int AS n, count(*) FILTER (WHERE number = 1)::int AS firsts, sum(duration_ms) AS ms
            FROM (SELECT org_id, endpoint_id, number, error_code, (status_code / 100)::smallint AS status_class, duration_ms,
                         width_bucket(id, ${MINUTES}) AS minute,
                         CASE WHEN error_code IS NULL OR error_code NOT IN (${NOT_COUNTED_SQL})
                              THEN ${durationBucketSql('duration_ms')}::smallint END AS bucket
                    FROM delivery_attempts
                   WHERE id >= uuidv7_floor(${FROM}) AND id < uuidv7_floor(${TO}) AND ${where}) AS attempt
           GROUP BY GROUPING SETS ((org_id, endpoint_id, minute, error_code, status_class), (org_id, endpoint_id, minute, bucket))) AS cell
   GROUP BY org_id, endpoint_id, minute`;
