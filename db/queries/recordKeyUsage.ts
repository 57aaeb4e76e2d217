import type { Knex } from 'knex';
import { commitOnce, XID } from './commitInDoubt.ts';

const RECORD = `SELECT record_api_key_usage(?::jsonb, ?::jsonb), ${XID}`;

/**
 * Adds counts of requests to the table, and moves forward when keys were used: one statement for all organizations, all or nothing.
 * Throws CommitInDoubt when they may be there; after any other error they are not.
 */
export async function recordKeyUsage(knex: Knex, counts: readonly object[], times: readonly object[]): Promise<void> {
  await commitOnce(knex, RECORD, [JSON.stringify(counts), JSON.stringify(times)]);
}
