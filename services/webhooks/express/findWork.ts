import type { Transaction } from 'objection';
import { SHARD_OF_E } from './lane.ts';

/** An endpoint of the express lane with unfinished deliveries. Database uuids: all that is read across organizations. */
export interface ExpressWork {
  orgId: string;
  endpointId: string;
  dueAt: Date;
}

/**
 * Endpoints of one shard that have something unfinished, the earliest first; a claimed delivery is due when its lease ends.
 * Runs as `artisan_system` over all organizations. Those that rest keep their deliveries and are not found.
 */
export async function findExpressWork(trx: Transaction, shard: number, limit: number): Promise<ExpressWork[]> {
  const { rows } = await trx.raw<{ rows: { org_id: string; id: string; due_at: Date }[] }>(
    `SELECT e.org_id, e.id, work.due_at FROM webhook_endpoints AS e, LATERAL (
       SELECT min(greatest(d.next_attempt_at, d.claimed_until)) AS due_at FROM deliveries AS d
        WHERE d.endpoint_id = e.id AND d.org_id = e.org_id AND d.next_attempt_at IS NOT NULL) AS work
      WHERE e.lane = 'express' AND ${SHARD_OF_E} = ? AND e.status NOT IN ('paused', 'disabled') AND work.due_at IS NOT NULL
      ORDER BY work.due_at LIMIT ?`,
    [shard, limit],
  );
  return rows.map((row) => ({ orgId: row.org_id, endpointId: row.id, dueAt: row.due_at }));
}
