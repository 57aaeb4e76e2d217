import type { Transaction } from 'objection';
import { prepared } from '../../db/prepared.ts';
import { newId } from '../../server/ids.ts';

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

export interface ClaimedRow extends ClaimedDelivery {
  lost: boolean;
}

/** Error code of an attempt whose worker died before it could record what happened: it may have reached the receiver or not. */
export const WORKER_LOST = 'worker_lost';

// Tied to the parameters and not to the outer row, so that it is worked out once and not for each due delivery.
const HEAD_ONLY = `AND id = (SELECT min(id::text)::uuid FROM deliveries WHERE org_id = ? AND endpoint_id = ? AND next_attempt_at IS NOT NULL)`;

/**
 * Takes due deliveries under a lease. A row whose lease ran out had a worker that died: its attempt is put on record
 * as `worker_lost`, so that every request that may have reached the receiver is explained; it does not count as a failure.
 */
export async function claimDue(trx: Transaction, request: ClaimRequest): Promise<ClaimedDelivery[]> {
  const { orgId, endpointId, claimId, limit, leaseMs, ordered } = request;
  // OFFSET 0 keeps the payload look-up an index probe for each row, whatever the planner believes of the number of events.
  const { rows } = await prepared<{ rows: ClaimedRow[] }>(
    trx,
    ordered ? 'claim-head' : 'claim-due',
    `WITH due AS (
       SELECT id, status = 'in_flight' AS lost FROM deliveries
        WHERE org_id = ? AND endpoint_id = ? AND next_attempt_at <= now() AND (claimed_until IS NULL OR claimed_until < now())
          ${ordered ? HEAD_ONLY : ''}
        ORDER BY next_attempt_at LIMIT ? FOR UPDATE SKIP LOCKED
     ), claimed AS (
       UPDATE deliveries AS d
          SET status = 'in_flight', claim_id = ?, claimed_until = now() + ? * interval '1 millisecond', attempts = d.attempts + due.lost::int
         FROM due WHERE d.org_id = ? AND d.id = due.id
        RETURNING d.id, d.event_id, d.event_type, d.attempts, d.failures, d.replay, due.lost
     )
     SELECT claimed.id, event_id AS "eventId", event_type AS "eventType", attempts, failures, replay, lost, event.payload
       FROM claimed, LATERAL (SELECT payload FROM events WHERE org_id = ? AND id = claimed.event_id OFFSET 0) AS event
      ORDER BY claimed.id`,
    [orgId, endpointId, ...(ordered ? [orgId, endpointId] : []), limit, claimId, leaseMs, orgId, orgId],
  );
  await explainLostAttempts(
    trx,
    request,
    rows.filter(({ lost }) => lost),
  );
  return rows;
}

/** Puts on record what died with its worker. */
export async function explainLostAttempts(
  trx: Transaction,
  { orgId, endpointId }: Pick<ClaimRequest, 'orgId' | 'endpointId'>,
  lost: ClaimedRow[],
): Promise<void> {
  if (lost.length === 0) return;
  await trx('delivery_attempts').insert(
    lost.map((delivery) => ({
      org_id: orgId,
      id: newId(),
      delivery_id: delivery.id,
      endpoint_id: endpointId,
      event_id: delivery.eventId,
      number: delivery.attempts,
      started_at: trx.fn.now(),
      duration_ms: 0,
      error_code: WORKER_LOST,
      replay: delivery.replay,
    })),
  );
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
