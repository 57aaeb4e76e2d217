import type { Transaction } from 'objection';
import { newId } from '../../server/ids.ts';

export const ROTATION_TOPIC = 'secret.rotation';

/** A rotation that was promised in a transaction: the replaced secret's row, and the outbox rows that stand for it. Database uuids. */
export interface PromisedRotation {
  orgId: string;
  secretId: string;
  outboxIds: string[];
}

/** Writes, with the new secret itself, that the replaced one must be retired. The relay starts that when this process cannot. */
export async function enqueueRotation(trx: Transaction, orgId: string, secretId: string): Promise<PromisedRotation> {
  const id = newId();
  await trx('outbox').insert({ org_id: orgId, id, topic: ROTATION_TOPIC, subject_id: secretId });
  return { orgId, secretId, outboxIds: [id] };
}

/**
 * Replaced secrets that outlived their overlap: their workflow was lost with Temporal's own store. They sign no more, but are to be erased.
 * Runs as `artisan_system`.
 */
export async function findOverdueRotations(trx: Transaction, options: { overdueMs: number; limit: number }): Promise<PromisedRotation[]> {
  const rows = await trx('webhook_secrets')
    .whereRaw("expires_at < now() - ? * interval '1 millisecond'", [options.overdueMs])
    .limit(options.limit)
    .select<{ org_id: string; id: string }[]>('org_id', 'id');
  return rows.map((row) => ({ orgId: row.org_id, secretId: row.id, outboxIds: [] }));
}
