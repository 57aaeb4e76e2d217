import type { Transaction } from 'objection';

/** A year, and what is needed to compare a month with the same one before. */
export const USAGE_KEPT_DAYS = 400;

/** Deletes at most `limit` counts that are kept no longer, of all organizations; returns how many. Runs as `artisan_system`. */
export async function forgetOldUsage(trx: Transaction, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const { rowCount } = await trx.raw<{ rowCount: number }>(
    `DELETE FROM api_key_usage WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM api_key_usage WHERE day < (?::timestamptz AT TIME ZONE 'UTC')::date - ?::int ORDER BY day LIMIT ?))`,
    [now, USAGE_KEPT_DAYS, limit],
  );
  return rowCount;
}
