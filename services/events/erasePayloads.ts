import type { Transaction } from 'objection';
import { lockInTenant } from '../../db/lockInTenant.ts';
import { announceChange } from '../webhooks/announceChange.ts';

/** Error code of a delivery that was cancelled because its event has no payload any more. */
export const PAYLOAD_ERASED = 'payload_erased';

/** Name of the lock under which deliveries of events that are on record are made (shared), and payloads erased (alone). */
export const PAYLOADS = 'payloads';

export interface ErasedPayloads {
  /** Those that had a payload; database uuids. */
  eventIds: string[];
  /** Deliveries that will not be made. */
  cancelled: number;
}

/**
 * Erases the payloads of at most 1,000 events, what receivers answered to them, and cancels what waits. What a worker is sending at this
 * moment is flagged: its answer is not kept, and it is not tried again. What it claimed and has not sent it gives up, about at once. Safe to repeat.
 */
export async function erasePayloads(trx: Transaction, orgId: string, eventIds: string[]): Promise<ErasedPayloads> {
  // Whoever makes deliveries of events that are on record has made them, or finds nothing to send.
  await lockInTenant(trx, orgId, PAYLOADS);
  // Deliveries before the event: whoever claims one at this moment either goes first, and is flagged, or finds nothing due.
  const { rows: flagged } = await trx.raw<{ rows: { endpointId: string; cancelled: boolean; claimed: boolean }[] }>(
    `UPDATE deliveries
        SET payload_erased = true,
            status = CASE WHEN status IN ('pending', 'retrying') THEN 'cancelled' ELSE status END,
            last_error_code = CASE WHEN status IN ('pending', 'retrying') THEN '${PAYLOAD_ERASED}' ELSE last_error_code END,
            next_attempt_at = CASE WHEN status IN ('pending', 'retrying') THEN NULL ELSE next_attempt_at END
      WHERE org_id = ? AND event_id = ANY(?::uuid[]) AND NOT payload_erased
      RETURNING endpoint_id AS "endpointId", status = 'in_flight' AS claimed, status = 'cancelled' AND last_error_code = '${PAYLOAD_ERASED}' AS cancelled`,
    [orgId, eventIds],
  );
  await announceChange(trx, [...new Set(flagged.filter(({ claimed }) => claimed).map(({ endpointId }) => endpointId))]);
  const { rows } = await trx.raw<{ rows: { id: string }[] }>('SELECT erased AS id FROM erase_payloads(?::uuid[]) AS erased', [eventIds]);
  return { eventIds: rows.map(({ id }) => id), cancelled: flagged.filter(({ cancelled }) => cancelled).length };
}
