import type { Transaction } from 'objection';
import { uuidArray } from '../../../db/binaryArrays.ts';
import { preparedByKey } from '../../../db/queries/preparedByKey.ts';
import { explainLostAttempts } from '../claim.ts';
import { endUnsendable } from '../endUnsendable.ts';
import type { ClaimedDelivery, ClaimedRow } from '../claim.ts';

/** A claimed delivery of one of many endpoints. */
export interface ExpressDelivery extends ClaimedDelivery {
  endpointId: string;
}

interface ExpressClaim {
  orgId: string;
  endpointIds: string[];
  /** One for each run of the activity. */
  claimId: string;
  /** Deliveries of one endpoint at most: who has more due is not sparse. */
  each: number;
  limit: number;
  leaseMs: number;
}

// As in claimDue: the rows to take are named by an array, and payloads are looked up one by one, whatever plan is made.
export const CLAIM_EXPRESS = `WITH due AS MATERIALIZED (
  SELECT d.id, d.lost FROM unnest($2::uuid[]) AS wanted (id), LATERAL (
    SELECT id, status = 'in_flight' AS lost FROM deliveries
     WHERE org_id = $1 AND endpoint_id = wanted.id AND next_attempt_at <= now() AND (claimed_until IS NULL OR claimed_until < now())
     ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS d
   LIMIT $4
), claimed AS (
  UPDATE deliveries AS d
     SET status = 'in_flight', claim_id = $5, claimed_until = now() + $6 * interval '1 millisecond', attempts = d.attempts + (d.status = 'in_flight')::int
   WHERE d.org_id = $1 AND d.id = ANY(ARRAY(SELECT id FROM due))
   RETURNING d.id, d.endpoint_id, d.event_id, d.event_type, d.attempts, d.failures, d.replay
)
SELECT claimed.id, endpoint_id AS "endpointId", event_id AS "eventId", event_type AS "eventType", attempts, failures, replay, lost, event.payload, event.erased
  FROM claimed JOIN due USING (id) LEFT JOIN LATERAL (
    SELECT payload, payload_erased_at IS NOT NULL AS erased FROM events WHERE org_id = $1 AND id = claimed.event_id OFFSET 0) AS event ON true
 ORDER BY claimed.id`;

interface ExpressClaimed {
  deliveries: ExpressDelivery[];
  /** How many were taken of each endpoint, those with nothing to send among them. */
  claimed: Map<string, number>;
  /** As many as were allowed: more may be due. */
  full: boolean;
}

/** Takes due deliveries of many endpoints of one organization under a lease, like claimDue, with one statement. */
export async function claimExpress(trx: Transaction, request: ExpressClaim): Promise<ExpressClaimed> {
  const { orgId, endpointIds, claimId, each, limit, leaseMs } = request;
  type Row = Omit<ExpressDelivery, 'payload'> & ClaimedRow;
  const { rows } = await preparedByKey<Row>(trx, 'claim-express', CLAIM_EXPRESS, [
    orgId,
    uuidArray(endpointIds),
    each,
    limit,
    claimId,
    leaseMs,
  ]);
  for (const endpointId of new Set(rows.filter(({ lost }) => lost).map((row) => row.endpointId)))
    await explainLostAttempts(
      trx,
      { orgId, endpointId },
      rows.filter((row) => row.lost && row.endpointId === endpointId),
    );
  const claimed = new Map([...Map.groupBy(rows, (row) => row.endpointId)].map(([id, of]) => [id, of.length]));
  return { deliveries: await endUnsendable(trx, orgId, rows), claimed, full: rows.length === limit };
}

/** Keeps all that a run has claimed of one organization. */
export async function renewExpress(trx: Transaction, { orgId, claimId, deliveryIds, leaseMs }: RenewedClaim): Promise<void> {
  await trx.raw(
    `UPDATE deliveries SET claimed_until = now() + ? * interval '1 millisecond' WHERE org_id = ? AND id = ANY(?::uuid[]) AND claim_id = ?`,
    [leaseMs, orgId, deliveryIds, claimId],
  );
}

interface RenewedClaim {
  orgId: string;
  claimId: string;
  deliveryIds: string[];
  leaseMs: number;
}
