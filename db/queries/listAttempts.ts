import type { Transaction } from 'objection';
import { DeliveryAttempt } from '../models/DeliveryAttempt.ts';

/** Every attempt of one delivery, the first one first. An attempt is younger than its delivery, so older partitions are not read. */
export async function listAttempts(trx: Transaction, orgId: string, deliveryId: string): Promise<DeliveryAttempt[]> {
  return DeliveryAttempt.query(trx).where({ orgId, deliveryId }).where('id', '>=', deliveryId).orderBy(['number', 'id']);
}
