import type { Transaction } from 'objection';
import { prepared } from '../../db/prepared.ts';
import { newId } from '../../server/ids.ts';

/** What an attempt leads to. */
export type Verdict =
  | { status: 'delivered' }
  | { status: 'retrying'; nextAttemptAt: Date }
  | { status: 'dead' }
  /** Cut off by our own shutdown: tried again at once, and not counted against the endpoint. */
  | { status: 'pending'; nextAttemptAt: Date };

export interface AttemptResult {
  deliveryId: string;
  eventId: string;
  eventType: string;
  number: number;
  startedAt: Date;
  durationMs: number;
  statusCode: number | null;
  errorCode: string | null;
  responseExcerpt: string | null;
  /** What the answer's Retry-After asks for. */
  retryAfterMs: number | null;
  replay: boolean;
  /** Counted failures after this attempt. */
  failures: number;
  verdict: Verdict;
}

interface RecordRequest {
  orgId: string;
  endpointId: string;
  claimId: string;
  results: AttemptResult[];
}

/**
 * Writes many attempts and frees their deliveries with one statement. A row that is no longer claimed by `claimId` is left alone,
 * together with its attempt: its lease had run out and `worker_lost` explains it. So a repeated call changes nothing.
 * Returns the ids of the deliveries that were freed.
 */
export async function recordResults(trx: Transaction, { orgId, endpointId, claimId, results }: RecordRequest): Promise<string[]> {
  const { rows } = await prepared<{ rows: { delivery_id: string }[] }>(
    trx,
    'record-results',
    `WITH result AS (
       SELECT * FROM unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::int[], ?::timestamptz[], ?::int[], ?::int[], ?::text[], ?::text[], ?::bool[], ?::int[], ?::text[], ?::timestamptz[])
         AS t (attempt_id, delivery_id, event_id, number, started_at, duration_ms, status_code, error_code, response_excerpt, replay, failures, status, next_attempt_at)
     ), freed AS (
       UPDATE deliveries AS d
          SET status = r.status, attempts = r.number, failures = r.failures, next_attempt_at = r.next_attempt_at, claimed_until = NULL, claim_id = NULL,
              last_status_code = r.status_code, last_error_code = r.error_code, delivered_at = CASE r.status WHEN 'delivered' THEN now() END
         FROM result AS r WHERE d.org_id = ? AND d.id = r.delivery_id AND d.claim_id = ?
        RETURNING d.id, d.status
     ), counted AS (
       UPDATE webhook_endpoints
          SET delivered_count = delivered_count + (SELECT count(*) FROM freed WHERE status = 'delivered'),
              failed_count = failed_count + (SELECT count(*) FROM freed WHERE status = 'dead')
        WHERE org_id = ? AND id = ?
     )
     INSERT INTO delivery_attempts (org_id, id, delivery_id, endpoint_id, event_id, number, started_at, duration_ms, status_code, error_code, response_excerpt, replay)
     SELECT ?, attempt_id, delivery_id, ?, event_id, number, started_at, duration_ms, status_code, error_code, response_excerpt, replay
       FROM result JOIN freed ON freed.id = result.delivery_id
     RETURNING delivery_id`,
    [...resultColumns(results), orgId, claimId, orgId, endpointId, orgId, endpointId],
  );
  return rows.map(({ delivery_id: deliveryId }) => deliveryId);
}

/** One array for each column. A nullable column is an array like any other to the driver; only knex's types do not know it. */
export function resultColumns(results: AttemptResult[]): string[][] {
  const column = (read: (result: AttemptResult) => unknown): string[] => results.map(read) as string[];
  return [
    column(() => newId()),
    column(({ deliveryId }) => deliveryId),
    column(({ eventId }) => eventId),
    column(({ number }) => number),
    column(({ startedAt }) => startedAt),
    column(({ durationMs }) => durationMs),
    column(({ statusCode }) => statusCode),
    column(({ errorCode }) => errorCode),
    column(({ responseExcerpt }) => responseExcerpt),
    column(({ replay }) => replay),
    column(({ failures }) => failures),
    column(({ verdict }) => verdict.status),
    column(({ verdict }) => ('nextAttemptAt' in verdict ? verdict.nextAttemptAt : null)),
  ];
}
