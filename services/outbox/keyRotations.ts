import type { Transaction } from 'objection';
import { newId } from '../../server/ids.ts';

/** Also written by the trigger promise_key_rotation. */
export const KEY_ROTATION_TOPIC = 'key.rotation';

/** A rotation whose workflow was promised to look at its row: because it is new, or because something changed. Database uuids. */
export interface PromisedKeyRotation {
  orgId: string;
  rotationId: string;
  outboxIds: string[];
}

/** Writes, with the change itself, that the workflow must look at it. The relay tells it when this process cannot. */
export async function enqueueKeyRotation(trx: Transaction, orgId: string, rotationId: string): Promise<PromisedKeyRotation> {
  const id = newId();
  await trx('outbox').insert({ org_id: orgId, id, topic: KEY_ROTATION_TOPIC, subject_id: rotationId });
  return { orgId, rotationId, outboxIds: [id] };
}

/**
 * Rotations whose end is long over: their workflow was lost with Temporal's own store. The old key works no more, but nothing says so yet.
 * Runs as `artisan_system`.
 */
export async function findOverdueKeyRotations(
  trx: Transaction,
  options: { overdueMs: number; limit: number },
): Promise<PromisedKeyRotation[]> {
  const rows = await trx('key_rotations')
    .where({ state: 'overlapping' })
    .whereRaw("ends_at < now() - ? * interval '1 millisecond'", [options.overdueMs])
    .limit(options.limit)
    .select<{ org_id: string; id: string }[]>('org_id', 'id');
  return rows.map((row) => ({ orgId: row.org_id, rotationId: row.id, outboxIds: [] }));
}
