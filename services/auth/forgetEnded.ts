import type { Transaction } from 'objection';

const DAY_MS = 86_400_000;
/** For questions about who was signed in where. */
const SESSIONS_KEPT_MS = 90 * DAY_MS;
/** A link that was not followed says nothing any more; for a while it tells support that it was sent. */
const LINKS_KEPT_MS = 7 * DAY_MS;

/**
 * Deletes at most `limit` rows of each kind that nobody needs any more: refresh tokens past their time, links, sessions that ended long ago, counts of
 * attempts whose window is over, and what requests with an Idempotency-Key made. Runs as `artisan_system`.
 */
export async function forgetEnded(trx: Transaction, { now, limit }: { now: Date; limit: number }): Promise<void> {
  const ago = (ms: number): Date => new Date(now.getTime() - ms);
  // A predecessor is never younger than its successor, at which it points.
  await removeSome(trx, 'refresh_tokens', 'expires_at < ? ORDER BY expires_at, created_at', [now, limit]);
  await removeSome(trx, 'person_tokens', 'expires_at < ?', [ago(LINKS_KEPT_MS), limit]);
  await removeSome(trx, 'person_requests', 'expires_at < ?', [now, limit]);
  await removeSome(trx, 'auth_throttles', 'window_ends_at < ? AND (locked_until IS NULL OR locked_until < window_ends_at)', [now, limit]);
  await removeSome(
    trx,
    'sessions',
    'least(expires_at, revoked_at) < ? AND NOT EXISTS (SELECT FROM refresh_tokens r WHERE r.user_id = sessions.user_id AND r.session_id = sessions.id)',
    [ago(SESSIONS_KEPT_MS), limit],
  );
}

async function removeSome(trx: Transaction, table: string, which: string, values: [Date, number]): Promise<void> {
  await trx.raw(`DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${which} LIMIT ?))`, values);
}
