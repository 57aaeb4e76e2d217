import type { Transaction } from 'objection';
import { textArray, uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';
import { preparedByKey } from '../../db/queries/preparedByKey.ts';
import { newId } from '../../server/ids.ts';

export const WAKE_TOPIC = 'endpoint.wake';
/** The same for an endpoint of the express lane: many of them share one wake-up. */
export const EXPRESS_TOPIC = 'express.wake';

/** A wake-up that was promised in a transaction: who, and the outbox rows that stand for it. */
export interface PromisedWake {
  orgId: string;
  endpointId: string;
  outboxIds: string[];
  /** The endpoint was in the express lane. Who is wrong about it only takes the longer way: each lane passes on what is not its own. */
  express?: boolean;
}

const ENQUEUE = `INSERT INTO outbox (org_id, id, topic, subject_id)
  SELECT $1, id, topic, subject_id FROM unnest($2::uuid[], $3::text[], $4::uuid[]) AS t (id, topic, subject_id)`;

/** Writes, with the work itself, that these endpoints must be woken. The relay does it when this process cannot. */
export async function enqueueWake(
  sender: Sender,
  orgId: string,
  endpointIds: string[],
  express: ReadonlySet<string> = new Set(),
): Promise<PromisedWake[]> {
  const wakes = promiseWakes(orgId, endpointIds, express);
  await writeWakes(sender, orgId, wakes);
  return wakes;
}

/** What enqueueWake writes, for who has to know it before it is written. */
export const promiseWakes = (orgId: string, endpointIds: string[], express: ReadonlySet<string>): PromisedWake[] =>
  endpointIds.map((endpointId) => ({ orgId, endpointId, outboxIds: [newId()], express: express.has(endpointId) }));

/** Writes what promiseWakes made, with the work itself. */
export async function writeWakes(sender: Sender, orgId: string, wakes: PromisedWake[]): Promise<void> {
  if (wakes.length === 0) return;
  await prepared(sender, 'enqueue-wake', ENQUEUE, [
    orgId,
    uuidArray(wakes.map(({ outboxIds }) => outboxIds[0])),
    textArray(wakes.map((wake) => (wake.express ? EXPRESS_TOPIC : WAKE_TOPIC))),
    uuidArray(wakes.map(({ endpointId }) => endpointId)),
  ]);
}

// The primary key begins with the organization and the subject, and both queries name them: a queue's statistics are those of an empty table most
// of the time, and a plan that looked for the organization alone walked over all rows that were deleted since the last vacuum.
export const SETTLE_SERVED = `DELETE FROM outbox WHERE org_id = $1 AND subject_id = ANY($2::uuid[]) AND id = ANY(ARRAY(
  SELECT id FROM outbox WHERE org_id = $1 AND subject_id = ANY($2::uuid[]) AND topic = '${WAKE_TOPIC}' FOR UPDATE SKIP LOCKED))`;

/**
 * The promises of wake-ups that are committed by now are kept by whoever claims for the endpoints from within the workflow that they wake: a run
 * that ends, ends with a look at what is due, and Temporal repeats one that breaks off. Sent with the claim, in its transaction.
 */
export async function settleServed(sender: Sender, orgId: string, endpointIds: string[]): Promise<void> {
  await preparedByKey(sender, 'settle-served', SETTLE_SERVED, [orgId, uuidArray(endpointIds)]);
}

export const SETTLE_EXPRESS = `DELETE FROM outbox WHERE org_id = $1 AND subject_id = ANY($2::uuid[]) AND id = ANY(ARRAY(
  SELECT o.id FROM outbox AS o WHERE o.org_id = $1 AND o.subject_id = ANY($2::uuid[]) AND o.topic IN ('${WAKE_TOPIC}', '${EXPRESS_TOPIC}')
     AND EXISTS (SELECT FROM webhook_endpoints AS e WHERE e.org_id = $1 AND e.id = o.subject_id AND e.id = ANY($2::uuid[]) AND e.lane = 'express')
     FOR UPDATE OF o SKIP LOCKED))`;

/**
 * The same for the express lane, of endpoints that are in it in this very moment: who leaves it is promised a wake-up in the same transaction,
 * and that one is not for the express lane. Events that were published while an endpoint came to the lane promised one to its own workflow.
 */
export async function settleExpress(sender: Sender, orgId: string, endpointIds: string[]): Promise<void> {
  await preparedByKey(sender, 'settle-express', SETTLE_EXPRESS, [orgId, uuidArray(endpointIds)]);
}

/** Which of these promises nobody has kept yet. */
export async function stillPromised(trx: Transaction, orgId: string, outboxIds: string[]): Promise<Set<string>> {
  return new Set(await trx('outbox').where({ org_id: orgId }).whereIn('id', outboxIds).pluck<string[]>('id'));
}

/** The promise is kept: the rows may go. */
export async function settleWakes(trx: Transaction, orgId: string, outboxIds: string[]): Promise<void> {
  await trx('outbox').where({ org_id: orgId }).whereIn('id', outboxIds).delete();
}

/**
 * Endpoints with deliveries long overdue: their workflow was lost with Temporal's own store. Those that rest keep their deliveries
 * and would be found again and again, in the place of others. Runs as `artisan_system`.
 * The threshold is well above any lease, so a busy endpoint is not found.
 */
export async function findStalledEndpoints(trx: Transaction, options: { overdueMs: number; limit: number }): Promise<PromisedWake[]> {
  const { rows } = await trx.raw<{ rows: { org_id: string; endpoint_id: string; express: boolean }[] }>(
    `SELECT DISTINCT d.org_id, d.endpoint_id, e.lane = 'express' AS express FROM deliveries AS d JOIN webhook_endpoints AS e ON e.org_id = d.org_id AND e.id = d.endpoint_id
      WHERE d.next_attempt_at < now() - ? * interval '1 millisecond' AND (d.claimed_until IS NULL OR d.claimed_until < now())
        AND (e.deleted_at IS NOT NULL OR e.status NOT IN ('paused', 'disabled'))
      LIMIT ?`,
    [options.overdueMs, options.limit],
  );
  return rows.map((row) => ({ orgId: row.org_id, endpointId: row.endpoint_id, outboxIds: [], express: row.express }));
}
