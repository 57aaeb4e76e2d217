import type { Transaction } from 'objection';

/** Deletes at most `limit` answers that are kept no longer, of all organizations; returns how many. Runs as `artisan_system`. */
export async function forgetExpired(trx: Transaction, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const { rowCount } = await trx.raw<{ rowCount: number }>(
    `DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM idempotency_keys WHERE expires_at <= ? ORDER BY expires_at LIMIT ?))`,
    [now, limit],
  );
  return rowCount;
}
