import type { Transaction } from 'objection';
import type { DeliveryTarget, TargetState } from '../target.ts';

/** An answer that takes as long is slow: its endpoint goes to a workflow of its own. */
export const SLOW_MS = 1_000;
/** Fast deliveries in a row, since the endpoint last came to its own workflow, that prove it fast. */
export const PROVEN_AFTER = 20;
/** Workflows that share the express lane of an installation. Changing it is safe: any of them may serve any endpoint. */
export const SHARDS = 4;

/** Which of the shared workflows serves the endpoint (database uuid): by its last, random byte. */
export const shardOf = (endpointId: string): number => Number.parseInt(endpointId.slice(-2), 16) % SHARDS;

/** The same in SQL, for an endpoint `e`. */
export const SHARD_OF_E = `get_byte(uuid_send(e.id), 15) % ${SHARDS}`;

/** What the express lane may serve: nothing that must be paced, kept in order, probed or left alone. For an endpoint `e`. */
export const ELIGIBLE_E = `e.status = 'active' AND e.deleted_at IS NULL AND e.consecutive_failures = 0 AND NOT e.ordered AND e.rate_limit_per_second IS NULL`;

/** Whether the express lane serves the endpoint: it is in it, and still what ELIGIBLE_E says. */
export function isServedByExpress(state: TargetState): state is DeliveryTarget {
  if (typeof state === 'string') return false;
  const { lane, ordered, rateLimitPerSecond, health } = state;
  return lane === 'express' && !ordered && rateLimitPerSecond === null && health.status === 'active' && health.consecutiveFailures === 0;
}

/**
 * Unfinished deliveries that an endpoint may bring along: with what comes to it meanwhile, at up to half of the rate that makes it busy, fewer
 * than what does (activities/webhooks/express/sparsity.ts).
 */
export const MOST_BROUGHT = 40;

/** Nobody has claimed, or failed with, what is unfinished: it is all waiting for its first attempt. */
const FRESH_BACKLOG = `SELECT count(*) <= ${MOST_BROUGHT} AND coalesce(bool_and(fresh), true) FROM (
  SELECT d.status = 'pending' AND d.attempts = 0 AS fresh FROM deliveries AS d
   WHERE d.org_id = e.org_id AND d.endpoint_id = e.id AND d.next_attempt_at IS NOT NULL LIMIT ${MOST_BROUGHT + 1}) AS unfinished`;

const LAST_WERE_FAST = `SELECT count(*) = ${PROVEN_AFTER} AND bool_and(fast) FROM (
  SELECT d.status = 'delivered' AND d.attempts = 1 AND EXISTS (
           SELECT 1 FROM delivery_attempts AS a WHERE a.org_id = d.org_id AND a.delivery_id = d.id AND a.duration_ms < ${SLOW_MS}) AS fast
    FROM deliveries AS d
   WHERE d.org_id = e.org_id AND d.endpoint_id = e.id AND d.next_attempt_at IS NULL AND d.id >= uuidv7_floor(coalesce(e.lane_since, e.created_at))
   ORDER BY d.id DESC LIMIT ${PROVEN_AFTER}) AS last`;

/**
 * Moves an endpoint to the express lane when its last finished deliveries were all made with the first attempt, in less than SLOW_MS, and the
 * unfinished ones are few and nobody's: what another run has claimed or sent counts against a cap that the express lane does not know of.
 * Call it where nothing is in flight. True: it moved, with its backlog.
 */
export async function moveIfProven(trx: Transaction, orgId: string, endpointId: string): Promise<boolean> {
  const { rowCount } = await trx.raw<{ rowCount: number }>(
    `UPDATE webhook_endpoints AS e SET lane = 'express', lane_since = now()
      WHERE e.org_id = ? AND e.id = ? AND e.lane = 'own' AND ${ELIGIBLE_E} AND e.delivered_count >= ${PROVEN_AFTER}
        AND (${FRESH_BACKLOG}) AND (${LAST_WERE_FAST})`,
    [orgId, endpointId],
  );
  return rowCount > 0;
}

/** Moves endpoints to workflows of their own. Returns those that were in the express lane. */
export async function leaveExpress(trx: Transaction, orgId: string, endpointIds: string[]): Promise<string[]> {
  const { rows } = await trx.raw<{ rows: { id: string }[] }>(
    "UPDATE webhook_endpoints SET lane = 'own', lane_since = now() WHERE org_id = ? AND id = ANY(?::uuid[]) AND lane = 'express' RETURNING id",
    [orgId, endpointIds],
  );
  return rows.map(({ id }) => id);
}
