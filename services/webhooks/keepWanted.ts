import type { Transaction } from 'objection';
import { endUnsendable } from './endUnsendable.ts';

interface ClaimedIds {
  orgId: string;
  claimId: string;
  deliveryIds: string[];
}

/**
 * Which of these deliveries, claimed a while ago, may still be sent: the claim holds them, and their payload is there. Those whose payload
 * was erased meanwhile end as cancelled.
 */
export async function keepWanted(trx: Transaction, { orgId, claimId, deliveryIds }: ClaimedIds): Promise<Set<string>> {
  if (deliveryIds.length === 0) return new Set();
  const { rows } = await trx.raw<{ rows: { id: string; erased: boolean }[] }>(
    'SELECT id, payload_erased AS erased FROM deliveries WHERE org_id = ? AND id = ANY(?::uuid[]) AND claim_id = ?',
    [orgId, deliveryIds, claimId],
  );
  const erased = rows.filter((row) => row.erased).map(({ id }) => ({ id, payload: null, erased: true }));
  await endUnsendable(trx, orgId, erased);
  return new Set(rows.filter((row) => !row.erased).map(({ id }) => id));
}
