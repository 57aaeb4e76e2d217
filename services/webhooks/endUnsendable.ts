import { uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';
import { PAYLOAD_ERASED } from '../events/erasePayloads.ts';

/** Error code of a delivery whose event retention removed although it was to be delivered: a dead letter that a person can see. */
const EVENT_EXPIRED = 'event_expired';

interface Claimed {
  id: string;
  payload: string | null;
  erased: boolean | null;
}

const END = `UPDATE deliveries SET status = $3, last_error_code = $4, next_attempt_at = NULL, claim_id = NULL, claimed_until = NULL
  WHERE org_id = $1 AND id = ANY($2::uuid[])`;

/** Ends claimed deliveries that have nothing to send, with the reason, and returns the others. Costs nothing when there are none. */
export async function endUnsendable<Row extends Claimed>(
  sender: Sender,
  orgId: string,
  rows: Row[],
): Promise<(Row & { payload: string })[]> {
  const unsendable = rows.filter(({ payload }) => payload === null);
  if (unsendable.length === 0) return rows as (Row & { payload: string })[];
  const end = (ids: string[], status: string, errorCode: string) =>
    prepared(sender, 'end-unsendable', END, [orgId, uuidArray(ids), status, errorCode]);
  const idsOf = (wanted: boolean) => unsendable.filter(({ erased }) => (erased ?? false) === wanted).map(({ id }) => id);
  await end(idsOf(true), 'cancelled', PAYLOAD_ERASED);
  await end(idsOf(false), 'dead', EVENT_EXPIRED);
  return rows.filter((row): row is Row & { payload: string } => row.payload !== null);
}
