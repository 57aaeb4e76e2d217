import type { Transaction } from 'objection';
import { newId } from '../../server/ids.ts';

export const DELETION_TOPIC = 'organization.deletion';

/** A deletion whose workflow was promised to look at the organization's row: because it was asked for, or taken back. Database uuids. */
export interface PromisedDeletion {
  orgId: string;
  outboxIds: string[];
}

/** Writes, with the change of the row itself, that the workflow must look at it. The relay tells it when this process cannot. */
export async function enqueueDeletion(trx: Transaction, orgId: string): Promise<PromisedDeletion> {
  const id = newId();
  await trx('outbox').insert({ org_id: orgId, id, topic: DELETION_TOPIC, subject_id: orgId });
  return { orgId, outboxIds: [id] };
}

/** Deletions whose next step is long overdue: their workflow was lost with Temporal's own store. Runs as `artisan_system`. */
export async function findStalledDeletions(trx: Transaction, options: { overdueMs: number; limit: number }): Promise<PromisedDeletion[]> {
  const rows = await trx('organizations')
    .whereRaw("deletion_next_at < now() - ? * interval '1 millisecond'", [options.overdueMs])
    .limit(options.limit)
    .select<{ id: string }[]>('id');
  return rows.map(({ id }) => ({ orgId: id, outboxIds: [] }));
}
