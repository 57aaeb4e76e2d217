import { boolArray, intArray, textArray, timeArray, uuidArray } from '../../db/binaryArrays.ts';
import type { Sender } from '../../db/prepared.ts';
import { preparedByKey } from '../../db/queries/preparedByKey.ts';
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

/** The payload was erased while it was being sent: it is not sent again, and what the receiver answered is not kept. */
const NO_RETRY = 'd.payload_erased AND r.next_attempt_at IS NOT NULL';

/** What each lane's statement does to the deliveries `d` of its results `r`. */
export const FREE_BY_RESULT = `UPDATE deliveries AS d
     SET status = CASE WHEN ${NO_RETRY} THEN 'cancelled' ELSE r.status END, attempts = r.number, failures = r.failures,
         next_attempt_at = CASE WHEN ${NO_RETRY} THEN NULL ELSE r.next_attempt_at END, claimed_until = NULL, claim_id = NULL,
         last_status_code = r.status_code, last_error_code = CASE WHEN ${NO_RETRY} THEN 'payload_erased' ELSE r.error_code END,
         delivered_at = CASE r.status WHEN 'delivered' THEN now() END`;

interface RecordRequest {
  orgId: string;
  endpointId: string;
  claimId: string;
  results: AttemptResult[];
}

export const RECORD = `WITH result AS (
  SELECT * FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::int[], $8::timestamptz[], $9::int[], $10::int[], $11::text[], $12::text[],
                       $13::bool[], $14::int[], $15::text[], $16::timestamptz[])
    AS t (attempt_id, delivery_id, event_id, number, started_at, duration_ms, status_code, error_code, response_excerpt,
          replay, failures, status, next_attempt_at)
), freed AS (
  ${FREE_BY_RESULT}
    FROM result AS r WHERE d.org_id = $1 AND d.id = r.delivery_id AND d.claim_id = $3
   RETURNING d.id, d.status, d.payload_erased
), counted AS (
  UPDATE webhook_endpoints
     SET delivered_count = delivered_count + (SELECT count(*) FROM freed WHERE status = 'delivered'),
         failed_count = failed_count + (SELECT count(*) FROM freed WHERE status = 'dead')
   WHERE org_id = $1 AND id = $2
)
INSERT INTO delivery_attempts (org_id, id, delivery_id, endpoint_id, event_id, number, started_at, duration_ms, status_code, error_code,
                               response_excerpt, replay)
SELECT $1, attempt_id, delivery_id, $2, event_id, number, started_at, duration_ms, status_code, error_code,
       CASE WHEN NOT freed.payload_erased THEN response_excerpt END, replay
  FROM result JOIN freed ON freed.id = result.delivery_id
RETURNING delivery_id AS "deliveryId"`;

/**
 * Writes many attempts and frees their deliveries with one statement. A row that is no longer claimed by `claimId` is left alone,
 * together with its attempt: its lease had run out and `worker_lost` explains it. So a repeated call changes nothing.
 * Returns the ids of the deliveries that were freed.
 */
export async function recordResults(sender: Sender, { orgId, endpointId, claimId, results }: RecordRequest): Promise<string[]> {
  const { rows } = await preparedByKey<{ deliveryId: string }>(sender, 'record-results', RECORD, [
    orgId,
    endpointId,
    claimId,
    ...resultColumns(results),
  ]);
  return rows.map(({ deliveryId }) => deliveryId);
}

/** One array for each column of a result; the first are new ids of attempts. */
export function resultColumns(results: AttemptResult[]): Buffer[] {
  return [
    uuidArray(results.map(() => newId())),
    uuidArray(results.map(({ deliveryId }) => deliveryId)),
    uuidArray(results.map(({ eventId }) => eventId)),
    intArray(results.map(({ number }) => number)),
    timeArray(results.map(({ startedAt }) => startedAt)),
    intArray(results.map(({ durationMs }) => durationMs)),
    intArray(results.map(({ statusCode }) => statusCode)),
    textArray(results.map(({ errorCode }) => errorCode)),
    textArray(results.map(({ responseExcerpt }) => responseExcerpt)),
    boolArray(results.map(({ replay }) => replay)),
    intArray(results.map(({ failures }) => failures)),
    textArray(results.map(({ verdict }) => verdict.status)),
    timeArray(results.map(({ verdict }) => ('nextAttemptAt' in verdict ? verdict.nextAttemptAt : null))),
  ];
}
