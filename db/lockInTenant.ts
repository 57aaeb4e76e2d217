import type { Knex } from 'knex';

/**
 * Waits for the organization's lock of this name and holds it until the transaction ends: alone, or together with others that share it.
 * For what no row stands for, such as "at most ten".
 */
export async function lockInTenant(trx: Knex.Transaction, orgId: string, name: string, mode: 'alone' | 'shared' = 'alone'): Promise<void> {
  const lock = mode === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  await trx.raw(`SELECT ${lock}(hashtextextended(?, 0))`, [`${name}:${orgId}`]);
}
