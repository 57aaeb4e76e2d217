import type { Transaction } from 'objection';
import { DeliveryAttempt } from '../models/DeliveryAttempt.ts';

const CLOCK_DIFFERENCE_MS = 3_600_000;

/** Every attempt of one delivery, the first one first. */
export async function listAttempts(trx: Transaction, orgId: string, deliveryId: string): Promise<DeliveryAttempt[]> {
  return DeliveryAttempt.query(trx)
    .where({ org_id: orgId, delivery_id: deliveryId })
    .whereRaw('id >= uuidv7_floor(?)', [earliest(deliveryId)])
    .orderBy(['number', 'id']);
}

/** Attempts follow their delivery, by clocks of different machines: partitions well before it are not read. */
function earliest(deliveryId: string): Date {
  const createdMs = Number.parseInt(deliveryId.replaceAll('-', '').slice(0, 12), 16);
  return new Date(createdMs - CLOCK_DIFFERENCE_MS);
}
