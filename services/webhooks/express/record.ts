import type { Sender } from '../../../db/prepared.ts';
import { preparedByKey } from '../../../db/queries/preparedByKey.ts';
import { FREE_BY_RESULT, resultColumns } from '../record.ts';
import type { AttemptResult } from '../record.ts';

/** An attempt at one of many endpoints. */
export interface ExpressResult extends AttemptResult {
  endpointId: string;
}

export const RECORD_EXPRESS = `WITH result AS (
  SELECT * FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::int[], $7::timestamptz[], $8::int[], $9::int[], $10::text[], $11::text[],
                       $12::bool[], $13::int[], $14::text[], $15::timestamptz[])
    AS t (attempt_id, delivery_id, event_id, number, started_at, duration_ms, status_code, error_code, response_excerpt,
          replay, failures, status, next_attempt_at)
), freed AS (
  ${FREE_BY_RESULT}
    FROM result AS r WHERE d.org_id = $1 AND d.id = r.delivery_id AND d.claim_id = $2
   RETURNING d.id, d.endpoint_id, d.status, d.payload_erased
), counted AS (
  UPDATE webhook_endpoints AS e SET delivered_count = delivered_count + of.delivered, failed_count = failed_count + of.dead
    FROM (SELECT endpoint_id, count(*) FILTER (WHERE status = 'delivered') AS delivered, count(*) FILTER (WHERE status = 'dead') AS dead
            FROM freed GROUP BY endpoint_id) AS of
   WHERE e.org_id = $1 AND e.id = of.endpoint_id AND e.id = ANY(ARRAY(SELECT endpoint_id FROM freed))
)
INSERT INTO delivery_attempts (org_id, id, delivery_id, endpoint_id, event_id, number, started_at, duration_ms, status_code, error_code,
                               response_excerpt, replay)
SELECT $1, attempt_id, delivery_id, freed.endpoint_id, event_id, number, started_at, duration_ms, status_code, error_code,
       CASE WHEN NOT freed.payload_erased THEN response_excerpt END, replay
  FROM result JOIN freed ON freed.id = result.delivery_id
RETURNING delivery_id AS "deliveryId"`;

/** Like recordResults, for attempts at many endpoints of one organization: still one statement. Returns the ids of the deliveries that were freed. */
export async function recordExpress(
  sender: Sender,
  { orgId, claimId, results }: { orgId: string; claimId: string; results: ExpressResult[] },
): Promise<string[]> {
  const { rows } = await preparedByKey<{ deliveryId: string }>(sender, 'record-express', RECORD_EXPRESS, [
    orgId,
    claimId,
    ...resultColumns(results),
  ]);
  return rows.map(({ deliveryId }) => deliveryId);
}
