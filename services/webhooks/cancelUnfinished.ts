import type { Transaction } from 'objection';

/** Ends what an endpoint that is gone still had waiting; what is being sent right now is recorded first. Returns how many. */
export async function cancelUnfinished(trx: Transaction, orgId: string, endpointId: string): Promise<number> {
  return trx('deliveries')
    .where({ org_id: orgId, endpoint_id: endpointId })
    .whereNotNull('next_attempt_at')
    .where((free) => free.whereNull('claimed_until').orWhere('claimed_until', '<', trx.fn.now()))
    .update({ status: 'cancelled', next_attempt_at: null, claim_id: null, claimed_until: null });
}
