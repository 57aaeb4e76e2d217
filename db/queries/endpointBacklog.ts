import type { Transaction } from 'objection';

/** Counted up to `limit` in all of unfinished, and up to `limit` of given up. */
export interface BacklogCounts {
  /** Not finished; `limit + 1` when there are more. */
  unfinished: number;
  pending: number;
  retrying: number;
  inFlight: number;
  /** Neither waiting nor delivered; `limit + 1` when there are more. */
  givenUp: number;
  dead: number;
  /** Since when the oldest of `pending` could be sent. */
  oldestPendingAt: Date | null;
}

/**
 * What one endpoint has left to do. Both parts read at most `limit + 1` entries of an index, so a backlog of millions costs no more than
 * one of `limit`: unfinished ones from deliveries_due, those that are due first; dead ones from deliveries_given_up_by_endpoint, newest first.
 */
export async function endpointBacklog(trx: Transaction, orgId: string, endpointId: string, limit: number): Promise<BacklogCounts> {
  const { rows } = await trx.raw<{ rows: [BacklogCounts] }>(
    `SELECT * FROM (
       SELECT count(*)::int AS unfinished,
              count(*) FILTER (WHERE status = 'pending')::int AS pending,
              count(*) FILTER (WHERE status = 'retrying')::int AS retrying,
              count(*) FILTER (WHERE status = 'in_flight')::int AS "inFlight",
              min(next_attempt_at) FILTER (WHERE status = 'pending') AS "oldestPendingAt"
         FROM (SELECT status, next_attempt_at FROM deliveries WHERE org_id = :orgId AND endpoint_id = :endpointId AND next_attempt_at IS NOT NULL
                ORDER BY next_attempt_at LIMIT :most) AS unfinished) AS waiting,
      (SELECT count(*)::int AS "givenUp", count(*) FILTER (WHERE status = 'dead')::int AS dead
         FROM (SELECT status FROM deliveries
                WHERE org_id = :orgId AND endpoint_id = :endpointId AND next_attempt_at IS NULL AND delivered_at IS NULL
                ORDER BY id DESC LIMIT :most) AS given_up) AS finished`,
    { orgId, endpointId, most: limit + 1 },
  );
  return rows[0];
}
