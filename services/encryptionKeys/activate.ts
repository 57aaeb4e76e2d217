import type { Transaction } from 'objection';

/** The organization's pending key becomes the one that seals; the one before only opens from now on. Safe to repeat. */
export async function activateDataKey(trx: Transaction, orgId: string, id: string): Promise<void> {
  const written = { written_in: trx.raw('pg_current_xact_id()') };
  await trx('data_keys')
    .where({ org_id: orgId, state: 'active' })
    .whereNot({ id })
    .update({ ...written, state: 'retired', retired_at: trx.fn.now() });
  await trx('data_keys')
    .where({ org_id: orgId, id, state: 'pending' })
    .update({ ...written, state: 'active' });
}
