import type { Transaction } from 'objection';
import type { Removed } from './removals.ts';
import { noteRemoval } from './removals.ts';

interface Expired {
  removed_events: number;
  removed_deliveries: number;
  removed_dead_letters: number;
  removed_attempts: number;
}

/**
 * Removes at most `batch` deliveries (with their attempts) and events that are older than `before`, of the transaction's organization,
 * and notes how many. What is unfinished stays, with its event. Runs as `artisan_system`; safe to repeat. `more`: a further batch may find some.
 */
export async function expireBatch(
  trx: Transaction,
  { orgId, before, batch }: { orgId: string; before: Date; batch: number },
): Promise<Removed & { more: boolean }> {
  const { rows } = await trx.raw<{ rows: [Expired] }>('SELECT * FROM expire_history(?, ?)', [before, batch]);
  const [{ removed_events: events, removed_deliveries: deliveries, removed_dead_letters: deadLetters, removed_attempts: attempts }] = rows;
  const removed = { events, deliveries, deadLetters, attempts };
  await noteRemoval(trx, orgId, before, removed);
  return { ...removed, more: events === batch || deliveries === batch };
}
