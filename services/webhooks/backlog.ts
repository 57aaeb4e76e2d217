import type { Transaction } from 'objection';

export interface Backlog {
  unfinished: number;
  /** Of those, how many are kept for endpoints that are failing, paused or disabled. */
  held: number;
  /** Over endpoints that may be sent to now: what is held back is not late. 0 when nothing is due. */
  oldestDueSeconds: number;
  /** Endpoints whose circuit is open: only probed. */
  failingEndpoints: number;
  disabledEndpoints: number;
  /** Of endpoints that are not deleted, counted up to 10,000. */
  deadLetters: number;
  /** Since the end of the last minute whose attempts are counted for statistics; about a minute when all is well. */
  statsAgeSeconds: number;
}

/** They stay until somebody sends them again or purges them, so there is no end to their number; this many take some milliseconds. */
const DEAD_AT_MOST = 10_000;

// Conditions of the index deliveries_given_up.
const DEAD_LETTERS = `
  SELECT FROM deliveries AS given_up
   WHERE next_attempt_at IS NULL AND delivered_at IS NULL AND status = 'dead'
     AND EXISTS (SELECT FROM webhook_endpoints AS e WHERE e.org_id = given_up.org_id AND e.id = given_up.endpoint_id AND e.deleted_at IS NULL)`;

/** Over all organizations; runs as `artisan_system`. */
export async function measureBacklog(trx: Transaction): Promise<Backlog> {
  const { rows } = await trx.raw<{ rows: [Backlog] }>(
    `SELECT count(*)::int AS unfinished,
            count(*) FILTER (WHERE e.status <> 'active')::int AS held,
            greatest(0, coalesce(extract(epoch FROM now() - min(d.next_attempt_at)
              FILTER (WHERE e.status = 'active' AND (e.held_until IS NULL OR e.held_until <= now()))), 0))::float AS "oldestDueSeconds",
            (SELECT count(*) FROM webhook_endpoints WHERE status = 'failing' AND deleted_at IS NULL)::int AS "failingEndpoints",
            (SELECT count(*) FROM webhook_endpoints WHERE status = 'disabled' AND deleted_at IS NULL)::int AS "disabledEndpoints",
            (SELECT count(*) FROM (${DEAD_LETTERS} LIMIT ${DEAD_AT_MOST}) AS dead)::int AS "deadLetters",
            (SELECT extract(epoch FROM now() - rolled_until) FROM webhook_stats_progress)::float AS "statsAgeSeconds"
       FROM deliveries AS d JOIN webhook_endpoints AS e ON e.org_id = d.org_id AND e.id = d.endpoint_id
      WHERE d.next_attempt_at IS NOT NULL`,
  );
  return rows[0];
}
