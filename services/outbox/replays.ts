import type { Transaction } from 'objection';
import { newId } from '../../server/ids.ts';

export const REPLAY_TOPIC = 'webhook.replay';

/** A replay whose workflow was promised to look at its row: because it is new, or because it changed. Database uuids. */
export interface PromisedReplay {
  orgId: string;
  replayId: string;
  outboxIds: string[];
}

/** Writes, with the change of the row itself, that the workflow must look at it. The relay tells it when this process cannot. */
export async function enqueueReplay(trx: Transaction, orgId: string, replayId: string): Promise<PromisedReplay> {
  const id = newId();
  await trx('outbox').insert({ org_id: orgId, id, topic: REPLAY_TOPIC, subject_id: replayId });
  return { orgId, replayId, outboxIds: [id] };
}

/** Running replays whose next batch is long overdue: their workflow was lost with Temporal's own store. Runs as `artisan_system`. */
export async function findStalledReplays(trx: Transaction, options: { overdueMs: number; limit: number }): Promise<PromisedReplay[]> {
  const rows = await trx('webhook_replays')
    .where({ status: 'running' })
    .whereRaw("next_batch_at < now() - ? * interval '1 millisecond'", [options.overdueMs])
    .limit(options.limit)
    .select<{ org_id: string; id: string }[]>('org_id', 'id');
  return rows.map((row) => ({ orgId: row.org_id, replayId: row.id, outboxIds: [] }));
}
