import type { Knex } from 'knex';

/**
 * Runs `work` in one transaction that sees and writes only the rows of `orgId` (uuid): the row level security policies read
 * `app.org_id`, which is set for this transaction and gone with it. Commits when `work` resolves, rolls back when it throws.
 * One per request or activity step, not per query; call nothing external while it is open.
 */
export function withTenant<T>(knex: Knex, orgId: string, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  return knex.transaction(async (trx) => {
    await trx.raw("select set_config('app.org_id', ?, true)", [orgId]);
    return work(trx);
  });
}
