import type { Transaction } from 'objection';
import { boolArray, intArray, uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';
import { preparedByKey } from '../../db/queries/preparedByKey.ts';
import { newId } from '../../server/ids.ts';
import { endUnsendable } from './endUnsendable.ts';

/** A delivery that belongs to the caller until its lease runs out. */
export interface ClaimedDelivery {
  id: string;
  eventId: string;
  eventType: string;
  /** Attempts on record so far; the next one is `attempts + 1`. */
  attempts: number;
  /** Attempts that count against the retry budget. */
  failures: number;
  replay: boolean;
  /** The exact text to sign and post. */
  payload: string;
}

interface ClaimRequest {
  orgId: string;
  endpointId: string;
  /** One for each run of the activity: what it claims, renews, records and releases. */
  claimId: string;
  limit: number;
  leaseMs: number;
  /** Only the oldest unfinished delivery, and only when it is due: a delivery never overtakes one that waits for its retry. */
  ordered: boolean;
}

export interface ClaimedRow extends Omit<ClaimedDelivery, 'payload'> {
  lost: boolean;
  /** null: erased, or the event is gone. */
  payload: string | null;
  erased: boolean | null;
}

/** Error code of an attempt whose worker died before it could record what happened: it may have reached the receiver or not. */
export const WORKER_LOST = 'worker_lost';

// Tied to the parameters and not to the outer row, so that it is worked out once and not for each due delivery.
const HEAD_ONLY =
  'AND id = (SELECT min(id::text)::uuid FROM deliveries WHERE org_id = $1 AND endpoint_id = $2 AND next_attempt_at IS NOT NULL)';

// The rows to take are named by an array, which is looked up by key: joined as a table, a plan made for any LIMIT reads all deliveries.
// OFFSET 0 keeps the payload look-up an index probe for each row, whatever the planner believes of the number of events.
const claim = (only: string): string => `WITH due AS MATERIALIZED (
  SELECT id, status = 'in_flight' AS lost FROM deliveries
   WHERE org_id = $1 AND endpoint_id = $2 AND next_attempt_at <= now() AND (claimed_until IS NULL OR claimed_until < now()) ${only}
   ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE deliveries AS d
     SET status = 'in_flight', claim_id = $4, claimed_until = now() + $5 * interval '1 millisecond', attempts = d.attempts + (d.status = 'in_flight')::int
   WHERE d.org_id = $1 AND d.endpoint_id = $2 AND d.id = ANY(ARRAY(SELECT id FROM due))
   RETURNING d.id, d.event_id, d.event_type, d.attempts, d.failures, d.replay
)
SELECT claimed.id, event_id AS "eventId", event_type AS "eventType", attempts, failures, replay, lost, event.payload, event.erased
  FROM claimed JOIN due USING (id) LEFT JOIN LATERAL (
    SELECT payload, payload_erased_at IS NOT NULL AS erased FROM events WHERE org_id = $1 AND id = claimed.event_id OFFSET 0) AS event ON true
 ORDER BY claimed.id`;
export const CLAIM_DUE = claim('');
const CLAIM_HEAD = claim(HEAD_ONLY);

/**
 * Takes due deliveries under a lease. A row whose lease ran out had a worker that died: its attempt is put on record
 * as `worker_lost`, so that every request that may have reached the receiver is explained; it does not count as a failure.
 */
export async function claimDue(sender: Sender, request: ClaimRequest): Promise<ClaimedDelivery[]> {
  const { orgId, endpointId, claimId, limit, leaseMs, ordered } = request;
  const values = [orgId, endpointId, limit, claimId, leaseMs];
  const { rows } = await preparedByKey<ClaimedRow>(sender, ordered ? 'claim-head' : 'claim-due', ordered ? CLAIM_HEAD : CLAIM_DUE, values);
  await explainLostAttempts(
    sender,
    request,
    rows.filter(({ lost }) => lost),
  );
  return endUnsendable(sender, orgId, rows);
}

const EXPLAIN_LOST = `INSERT INTO delivery_attempts (org_id, id, delivery_id, endpoint_id, event_id, number, started_at, duration_ms, error_code, replay)
SELECT $1, id, delivery_id, $2, event_id, number, now(), 0, $3, replay
  FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::int[], $8::bool[]) AS t (id, delivery_id, event_id, number, replay)`;

/** Puts on record what died with its worker. */
export async function explainLostAttempts(
  sender: Sender,
  { orgId, endpointId }: Pick<ClaimRequest, 'orgId' | 'endpointId'>,
  lost: ClaimedRow[],
): Promise<void> {
  if (lost.length === 0) return;
  await prepared(sender, 'explain-lost', EXPLAIN_LOST, [
    orgId,
    endpointId,
    WORKER_LOST,
    uuidArray(lost.map(() => newId())),
    uuidArray(lost.map(({ id }) => id)),
    uuidArray(lost.map(({ eventId }) => eventId)),
    intArray(lost.map(({ attempts }) => attempts)),
    boolArray(lost.map(({ replay }) => replay)),
  ]);
}

/** Keeps what is claimed: called while requests run, well before the lease ends. */
export async function renewLease(
  trx: Transaction,
  { orgId, endpointId, claimId, leaseMs }: Omit<ClaimRequest, 'limit' | 'ordered'>,
): Promise<void> {
  await trx.raw(
    `UPDATE deliveries SET claimed_until = now() + ? * interval '1 millisecond'
      WHERE org_id = ? AND endpoint_id = ? AND claim_id = ? AND next_attempt_at IS NOT NULL`,
    [leaseMs, orgId, endpointId, claimId],
  );
}

/** Gives back what was claimed and not sent, as it was before. */
export async function releaseUnsent(trx: Transaction, orgId: string, claimId: string, deliveryIds: string[]): Promise<void> {
  if (deliveryIds.length === 0) return;
  await trx.raw(
    `UPDATE deliveries SET status = CASE WHEN failures > 0 THEN 'retrying' ELSE 'pending' END, claim_id = NULL, claimed_until = NULL
      WHERE org_id = ? AND id = ANY(?::uuid[]) AND claim_id = ?`,
    [orgId, deliveryIds, claimId],
  );
}
