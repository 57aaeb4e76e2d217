import type { Knex } from 'knex';
import { toAppError } from '../db/errors.ts';
import { withUser } from '../db/tenancy.ts';

/**
 * Runs `work` in one transaction that sees the rows of one person (uuid) and no organization's, and commits it.
 * Throws what `work` throws; database errors come mapped (service_unavailable, conflict).
 */
export async function runForUser<T>(knex: Knex, userId: string, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  try {
    return await withUser(knex, userId, work);
  } catch (error) {
    throw toAppError(error);
  }
}
