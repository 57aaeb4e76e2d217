import type { Transaction } from 'objection';
import { newId } from '../../server/ids.ts';

export const VERIFICATION_TOPIC = 'domain.verification';

/** A verified domain whose record was promised to be looked for. Database uuids. */
export interface PromisedVerification {
  orgId: string;
  domainId: string;
  outboxIds: string[];
}

/** Writes, with the verification itself, that its workflow must run. The relay starts that when this process cannot. */
export async function enqueueVerification(trx: Transaction, orgId: string, domainId: string): Promise<PromisedVerification> {
  const id = newId();
  await trx('outbox').insert({ org_id: orgId, id, topic: VERIFICATION_TOPIC, subject_id: domainId });
  return { orgId, domainId, outboxIds: [id] };
}

/** Verified domains that nobody has looked at in time: their workflow was lost with Temporal's own store. Runs as `artisan_system`. */
export async function findStalledVerifications(
  trx: Transaction,
  options: { overdueMs: number; limit: number },
): Promise<PromisedVerification[]> {
  const rows = await trx('domains')
    .where({ status: 'verified' })
    .whereRaw("next_check_at < now() - ? * interval '1 millisecond'", [options.overdueMs])
    .limit(options.limit)
    .select<{ org_id: string; id: string }[]>('org_id', 'id');
  return rows.map((row) => ({ orgId: row.org_id, domainId: row.id, outboxIds: [] }));
}
