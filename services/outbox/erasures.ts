import type { Transaction } from 'objection';
import { newId } from '../../server/ids.ts';

export const ERASURE_TOPIC = 'payload.erasure';

/** An erasure of payloads whose workflow was promised. Database uuids. */
export interface PromisedErasure {
  orgId: string;
  erasureId: string;
  outboxIds: string[];
}

/** Writes, with the erasure itself, that its workflow must run. The relay starts that when this process cannot. */
export async function enqueueErasure(trx: Transaction, orgId: string, erasureId: string): Promise<PromisedErasure> {
  const id = newId();
  await trx('outbox').insert({ org_id: orgId, id, topic: ERASURE_TOPIC, subject_id: erasureId });
  return { orgId, erasureId, outboxIds: [id] };
}

/** Erasures that nobody works on: their workflow was lost with Temporal's own store. Runs as `artisan_system`. */
export async function findStalledErasures(trx: Transaction, options: { overdueMs: number; limit: number }): Promise<PromisedErasure[]> {
  const rows = await trx('payload_erasures')
    .whereNull('finished_at')
    .whereRaw("updated_at < now() - ? * interval '1 millisecond'", [options.overdueMs])
    .limit(options.limit)
    .select<{ org_id: string; id: string }[]>('org_id', 'id');
  return rows.map((row) => ({ orgId: row.org_id, erasureId: row.id, outboxIds: [] }));
}
